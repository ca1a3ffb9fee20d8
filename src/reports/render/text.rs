//! What keeps the names that people gave from becoming more than text.

use std::borrow::Cow;

/// The text, with an apostrophe before it if a spreadsheet would read it as a formula.
///
/// That is text whose first character that shows is `=`, `+`, `-` or `@`, in any width, or that begins with a tab or a
/// line's end. Source: OWASP, "CSV Injection"; the full-width forms count in Excel's East Asian editions.
pub fn guarded(text: &str) -> Cow<'_, str> {
    let starts_formula = |c| matches!(c, '=' | '+' | '-' | '@' | '＝' | '＋' | '－' | '＠' | '\u{2212}');
    if text.starts_with(['\t', '\r', '\n']) || text.trim_start_matches(is_unseen).starts_with(starts_formula)
    {
        Cow::Owned(format!("'{text}"))
    } else {
        Cow::Borrowed(text)
    }
}

/// White space, control characters, and what only joins or turns the text around it.
fn is_unseen(c: char) -> bool {
    let joins_or_turns = matches!(c,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}');
    c.is_whitespace() || c.is_control() || joins_or_turns
}

/// At most so many UTF-16 units of the text, the unit in which Excel and AWS count; what is cut off shows as `…`.
pub fn cut(text: &str, most: usize) -> Cow<'_, str> {
    // No text has more UTF-16 units than bytes.
    if text.len() <= most || text.encode_utf16().count() <= most {
        return Cow::Borrowed(text);
    }
    let mut left = most.saturating_sub(1);
    let fits = |c: &char| {
        let fits = c.len_utf16() <= left;
        left = left.saturating_sub(c.len_utf16());
        fits
    };
    let mut short: String = text.chars().take_while(fits).collect();
    short.push('…');
    Cow::Owned(short)
}

/// The text on one line, at most so long as [`cut`] has it; none if nothing would be left to see.
pub fn line(text: &str, most: usize) -> Option<String> {
    let text: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let text = text.trim();
    (!text.is_empty()).then(|| cut(text, most).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_be_a_formula_gets_an_apostrophe() {
        for text in [
            "=1",
            "+1",
            "-1",
            "@a",
            "\t1",
            "\r1",
            "\n1",
            " =1",
            "\u{a0}=1",
            "\u{3000}＝1",
            "＋1",
            "－1",
            "＠a",
            "\u{feff}=1",
            "\u{202e}=1",
            "\u{2212}1",
            "\0=1",
            "  \r\n -1",
            "=",
            "-",
        ] {
            assert_eq!(guarded(text), format!("'{text}"), "{text:?}");
        }
        for text in ["", " ", "a=1", "1-1", "'=1", "arn:aws:dms", "支付", "\u{202e}a", "1e5", "000000000001"]
        {
            assert_eq!(guarded(text), text, "{text:?}");
        }
    }

    #[test]
    fn a_text_is_cut_between_characters() {
        assert_eq!(cut("abc", 3), "abc");
        assert_eq!(cut("abcd", 3), "ab…");
        assert_eq!(cut("ä€ü", 3), "ä€ü");
        // One of these is two units.
        assert_eq!(cut("🔑🔑", 4), "🔑🔑");
        assert_eq!(cut("🔑🔑🔑", 5), "🔑🔑…");
        assert_eq!(cut("🔑🔑🔑", 4), "🔑…");
        assert_eq!(cut("🔑🔑ab", 4), "🔑…");
        assert_eq!(line("a\r\nb\t", 9).as_deref(), Some("a  b"));
        assert_eq!(line("\r\n \0", 9), None);
    }
}

//! Text for people, whoever chose the names in it.

use std::{borrow::Cow, fmt::Write};

/// Makes what could act on a terminal or turn a page's text round visible: control characters (escape sequences begin with one), and
/// characters without a width that reorder or hide the text around them. AWS lets most of them into names.
pub fn visible(text: &str) -> Cow<'_, str> {
    escaped(text, acts, |text, c| {
        // Writing to a String cannot fail.
        let _ = match c {
            '\n' => text.write_str("\\n"),
            '\r' => text.write_str("\\r"),
            '\t' => text.write_str("\\t"),
            c => write!(text, "\\u{{{:x}}}", u32::from(c)),
        };
    })
}

/// The same for a finished JSON text: its own line breaks stay, and what JSON lets through inside a string
/// becomes an escape that says the same.
pub fn visible_json(json: &str) -> Cow<'_, str> {
    escaped(
        json,
        |c| c != '\n' && acts(c),
        |text, c| {
            let mut units = [0; 2];
            for unit in c.encode_utf16(&mut units) {
                let _ = write!(text, "\\u{unit:04x}");
            }
        },
    )
}

fn acts(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

fn escaped(text: &str, which: impl Fn(char) -> bool, escape: impl Fn(&mut String, char)) -> Cow<'_, str> {
    if !text.contains(&which) {
        return Cow::Borrowed(text);
    }
    let mut clean = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        if which(c) { escape(&mut clean, c) } else { clean.push(c) }
    }
    Cow::Owned(clean)
}

/// `1 target`, `2 targets`.
pub fn counted(n: u64, one: &str) -> String {
    let s = if n == 1 { "" } else { "s" };
    format!("{} {one}{s}", thousands(n))
}

/// `1,234,567`.
pub fn thousands(n: u64) -> String {
    let digits = n.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_acts_on_a_terminal_is_shown_instead() {
        assert_eq!(visible("payments-prod (Köln) 支付 👍"), "payments-prod (Köln) 支付 👍");
        assert_eq!(visible("\x1b[2J\x1b]0;owned\x07"), "\\u{1b}[2J\\u{1b}]0;owned\\u{7}");
        assert_eq!(visible("a\r\nb\tc\u{7f}\u{9b}31m"), "a\\r\\nb\\tc\\u{7f}\\u{9b}31m");
        assert_eq!(visible("\u{202e}dorp\u{2066}\u{200b}"), "\\u{202e}dorp\\u{2066}\\u{200b}");
    }

    #[test]
    fn json_stays_the_same_value() {
        let value = serde_json::json!({"name": "\u{9b}31m\u{202e}x\u{7f}\u{e0041}\x1b\n"});
        let text = serde_json::to_string_pretty(&value).unwrap();
        let shown = visible_json(&text);
        assert!(!shown.contains(|c| c != '\n' && acts(c)), "{shown}");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&shown).unwrap(), value);
    }

    #[test]
    fn numbers_are_grouped() {
        assert_eq!([0, 999, 1_000, 1_234_567].map(thousands), ["0", "999", "1,000", "1,234,567"]);
        assert_eq!(counted(1, "target"), "1 target");
        assert_eq!(counted(0, "target"), "0 targets");
    }
}

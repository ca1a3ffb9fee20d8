use std::borrow::Cow;

/// The text with everything in it seen: line breaks, control characters, and marks that turn, join or hide what is
/// beside them. Names are the owners' to choose, and a report must show what it says.
pub fn visible(text: &str) -> Cow<'_, str> {
    if !text.contains(hidden) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match c {
            // Unicode has a picture for each of these: ␊ for a line feed.
            '\0'..='\u{1f}' => out.extend(char::from_u32(0x2400 + u32::from(c))),
            '\u{7f}' => out.push('\u{2421}'),
            c if hidden(c) => out.push_str(&format!("‹U+{:04X}›", u32::from(c))),
            c => out.push(c),
        }
    }
    Cow::Owned(out)
}

/// Whether a character shows nothing itself, or changes how others are shown.
fn hidden(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_hidden_is_seen() {
        assert_eq!(visible("plain ü 日本 🔑"), "plain ü 日本 🔑");
        assert_eq!(visible("a\r\nb\tc\0\u{7f}"), "a␍␊b␉c␀␡");
        assert_eq!(visible("\u{202e}rtl\u{200b}\u{85}\u{e0041}"), "‹U+202E›rtl‹U+200B›‹U+0085›‹U+E0041›");
        let every: String = ('\0'..=char::MAX).filter(|c| c.is_control()).collect();
        assert!(!visible(&every).contains(char::is_control));
    }
}

use crate::reports::words::visible;

/// Text of which nothing takes effect in Markdown or HTML, on one line.
///
/// Source: GitHub Flavored Markdown Spec 0.29, 2.4 Backslash escapes, 4.10 Tables, 6.9 Autolinks (extension).
pub(super) fn escaped(text: &str) -> String {
    let text = visible(text);
    let mut out = String::with_capacity(text.len() + 16);
    let mut before = ' ';
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        let after = rest.peek().copied().unwrap_or(' ');
        match c {
            // Not with a backslash: some renderers cut tables and tags before they look at those.
            '|' => out.push_str("&#124;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '@' => out.push_str("&#64;"),
            '\\' | '`' | '*' | '[' | ']' | '#' | '~' | '!' | '$' | '{' | '}' => out.extend(['\\', c]),
            // Within a word it means nothing.
            '_' if before.is_alphanumeric() && after.is_alphanumeric() => out.push(c),
            '_' => out.push_str("\\_"),
            // What would else become a link: `https://…`, `www.…`.
            '/' if before == ':' => out.push_str("\\/"),
            '.' if out.to_ascii_lowercase().ends_with("www") => out.push_str("\\."),
            // What would else begin a list, a heading or a table's line.
            '-' | '=' if out.is_empty() => out.extend(['\\', c]),
            '+' if out.is_empty() && after == ' ' => out.extend(['\\', c]),
            '.' | ')' if after == ' ' && out.bytes().all(|b| b.is_ascii_digit()) => out.extend(['\\', c]),
            c => out.push(c),
        }
        before = c;
    }
    out
}

/// Text as code, with fences longer than any in it.
pub(super) fn code(text: &str) -> String {
    let text = visible(text);
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    let blank = if longest > 0 { " " } else { "" };
    format!("{fence}{blank}{text}{blank}{fence}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_takes_effect() {
        for (name, written) in [
            ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
            ("[a](javascript:x) | ` **b** \\", "\\[a\\](javascript:x) &#124; \\` \\*\\*b\\*\\* \\\\"),
            ("![x](y) ~~z~~ $x$ #1", "\\!\\[x\\](y) \\~\\~z\\~\\~ \\$x\\$ \\#1"),
            ("a\r\nb", "a␍␊b"),
            ("- x", "\\- x"),
            ("+ x", "\\+ x"),
            ("+16", "+16"),
            ("now.", "now."),
            ("12. x", "12\\. x"),
            ("=1", "\\=1"),
            ("https://evil.example www.evil.example", "https:\\//evil.example www\\.evil.example"),
            ("team@example.com", "team&#64;example.com"),
            ("&lt;", "&amp;lt;"),
            ("aws_managed_key _x_", "aws_managed_key \\_x\\_"),
            ("95.2 % of 106. Done.", "95.2 % of 106. Done."),
        ] {
            assert_eq!(escaped(name), written);
        }
    }

    proptest::proptest! {
        #[test]
        fn any_name_stays_on_its_line_and_in_its_cell(name in proptest::prelude::any::<String>()) {
            let written = escaped(&name);
            assert!(!written.contains(['<', '>', '|', '\n', '\r']), "{written:?}");
            assert!(!written.contains(char::is_control));
        }
    }

    #[test]
    fn code_is_fenced_by_more_than_is_in_it() {
        assert_eq!(code("keywatch trend"), "`keywatch trend`");
        assert_eq!(code("a``b`"), "``` a``b` ```");
    }
}

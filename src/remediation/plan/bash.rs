/// A text as one word of bash, whatever is in it: in single quotes where it is plain ASCII, else with every other byte as an
/// octal escape, so that a script is ASCII and one line stays one line.
pub(super) fn quote(text: &str) -> String {
    // A NUL can stand in no argument of a program.
    let text = text.replace('\0', "");
    let is_plain = |byte: u8| byte == b' ' || byte.is_ascii_graphic();
    if text.bytes().all(is_plain) {
        return format!("'{}'", text.replace('\'', r"'\''"));
    }
    let mut quoted = String::from("$'");
    for byte in text.bytes() {
        match byte {
            b'\'' | b'\\' => quoted.extend(['\\', char::from(byte)]),
            byte if is_plain(byte) => quoted.push(char::from(byte)),
            // Three digits each, so that a digit that follows is not taken for one of them.
            byte => quoted.push_str(&format!("\\{byte:03o}")),
        }
    }
    quoted.push('\'');
    quoted
}

/// A text as a comment or for a person in a terminal: visible, on one line.
pub(super) fn shown(text: &str) -> String {
    crate::domain::visible(text).into_owned()
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use proptest::prelude::*;

    use super::*;

    fn read_by_bash(text: &str) -> String {
        let script = format!("set -euf; x={}; printf '%s' \"$x\"", quote(text));
        let answer = Command::new("bash").args(["-c", &script]).output().unwrap();
        assert!(answer.status.success() && answer.stderr.is_empty(), "{script}: {answer:?}");
        String::from_utf8(answer.stdout).unwrap()
    }

    #[test]
    fn bash_reads_back_what_was_quoted() {
        for text in [
            "",
            "orders",
            "it's",
            "$(touch /tmp/x)",
            "`id`",
            "-rf",
            "a\nb\r\tc",
            "\\",
            "\\'",
            "\u{1b}[31m",
            "日本語",
            "’“”",
            "!x",
            "~",
            "*",
            "\u{7}7",
            "'\n'",
            "$'x'",
            "\"",
            "a\u{0}b",
        ] {
            assert_eq!(read_by_bash(text), text.replace('\0', ""), "{text:?}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(128))]

        #[test]
        fn bash_reads_back_any_text(text in any::<String>()) {
            prop_assert_eq!(read_by_bash(&text), text.replace('\0', ""));
        }

        #[test]
        fn bash_reads_back_any_mix_of_what_means_something_to_it(text in "['\"$`\\\\(){};|&<>*?!#~ \n\t\\-a]{0,24}") {
            prop_assert_eq!(read_by_bash(&text), text);
        }
    }
}

//! A message to an SNS topic.
//!
//! Source: Amazon SNS API reference, Publish: a subject of fewer than 100 ASCII characters that begins with a letter,
//! number or punctuation mark and has no control characters; a message of at most 256 KiB, its attributes included.

use super::{fit, mail};
use crate::{
    domain::News,
    notifications::message::{Level, Message},
};

const LONGEST_SUBJECT: usize = 99;
const MOST: usize = 250_000;

/// What is published.
pub struct Published {
    /// One line, in ASCII.
    pub subject: String,
    /// The text.
    pub text: String,
    /// How urgent it is.
    pub level: Level,
}

/// The message.
pub fn published(id: &str, news: &News) -> Published {
    let message = Message::of(news);
    let ascii = |c: char| if c.is_ascii_graphic() || c == ' ' { c } else { '?' };
    Published {
        subject: message.title.chars().map(ascii).take(LONGEST_SUBJECT).collect(),
        text: fit(MOST, 200, |lines| mail::text(id, &message, lines)),
        level: message.level,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        domain::NewsKind,
        notifications::message::tests::{flood, news},
    };

    #[test]
    fn the_limits_hold_whatever_comes() {
        let full = published("00ff", &flood());
        assert!(full.text.len() <= 256 * 1024 && full.text.contains(" more: "), "{}", full.text.len());
        let line = "Wöchentlich \u{1f511} ".repeat(30);
        let report = News::lines(NewsKind::Report, String::new(), vec![line]);
        let subject = published("00ff", &report).subject;
        assert!(
            subject.starts_with("keywatch: W?chentlich ? W?") && subject.len() == LONGEST_SUBJECT,
            "{subject}"
        );
        assert_eq!(published("00ff", &news()).level, Level::Critical);
    }
}

//! A mail: its subject, its text, and the same in HTML.

use super::and_more;
use crate::{
    domain::News,
    notifications::message::{Message, cut},
};

const LONGEST_SUBJECT: usize = 150;

/// Lines of one list.
const LINES: usize = 100;

/// What a mail says.
pub struct Mail {
    /// One line.
    pub subject: String,
    /// For those who read text.
    pub text: String,
    /// For those who don't.
    pub html: String,
}

/// The mail.
pub fn mail(id: &str, news: &News) -> Mail {
    let message = Message::of(news);
    Mail {
        subject: cut(&message.title, LONGEST_SUBJECT),
        text: text(id, &message, LINES),
        html: html(id, &message),
    }
}

/// The message as plain text.
pub(super) fn text(id: &str, message: &Message, lines: usize) -> String {
    let mut text = format!("{}\n\n", message.title);
    for line in &message.intro {
        text += &format!("{line}\n");
    }
    for section in &message.sections {
        let (shown, more) = section.first(lines);
        text += &format!("\n{}\n", section.heading);
        for line in shown {
            text += &format!("  - {line}\n");
        }
        if more > 0 {
            text += &format!("  {}\n", and_more(more));
        }
    }
    text += &format!("\nid {id}\n");
    text
}

fn html(id: &str, message: &Message) -> String {
    let mut html = format!("<!DOCTYPE html>\n<html><body>\n<h2>{}</h2>\n", escape(&message.title));
    for line in &message.intro {
        html += &format!("<p>{}</p>\n", escape(line));
    }
    for section in &message.sections {
        let (shown, more) = section.first(LINES);
        html += &format!("<h3>{}</h3>\n<ul>\n", escape(&section.heading));
        for line in shown {
            html += &format!("<li>{}</li>\n", escape(line));
        }
        html += "</ul>\n";
        if more > 0 {
            html += &format!("<p>{}</p>\n", escape(&and_more(more)));
        }
    }
    html += &format!("<p><small>id {id}</small></p>\n</body></html>\n");
    html
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;").replace('\'', "&#39;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::notifications::message::tests::{flood, news};

    #[test]
    fn a_mail_in_both_forms() {
        let mut news = news();
        news.opened.first.truncate(1);
        (news.reopened, news.coverage_lost) = Default::default();
        let mail = mail("00ff", &news);
        insta::assert_snapshot!(mail.text, @"");
        insta::assert_snapshot!(mail.html, @"");
        assert!(mail.subject.chars().count() <= LONGEST_SUBJECT && !mail.subject.contains('\n'));
    }

    #[test]
    fn names_are_no_markup() {
        let mut news = flood();
        news.opened.first[0].account_name = "<script>alert('x')</script>".to_owned();
        let mail = mail("00ff", &news);
        assert!(mail.html.contains("&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;"));
        assert!(!mail.html.contains("<script"));
        assert!(mail.html.len() < 1_000_000);
    }
}

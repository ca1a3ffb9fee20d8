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
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace('\'', "&#39;")
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
        insta::assert_snapshot!(mail.text, @r"
        keywatch: 1 resource under a key in danger, 202 findings opened

        Scan 7 (incomplete, 2026-11-24T09:30:00Z): 204 targets, 7 failed, 10 skipped.
        Open findings now: 1 critical, 12 high (1 could not be judged).

        Keys in danger (1)
          - key_pending_deletion: arn:aws:kms:eu-west-1:000000000001:key/1b2c; under it: endpoint orders in R&D <prod> (000000000001), eu-west-1

        Opened (202)
          - fail, default_key: endpoint shop in R&D <prod> (000000000001), eu-west-1; dms_endpoint_kms_cmk_encryption
          and 201 more: `keywatch findings list --state open`, `keywatch coverage`

        id 00ff
        ");
        insta::assert_snapshot!(mail.html, @r"
        <!DOCTYPE html>
        <html><body>
        <h2>keywatch: 1 resource under a key in danger, 202 findings opened</h2>
        <p>Scan 7 (incomplete, 2026-11-24T09:30:00Z): 204 targets, 7 failed, 10 skipped.</p>
        <p>Open findings now: 1 critical, 12 high (1 could not be judged).</p>
        <h3>Keys in danger (1)</h3>
        <ul>
        <li>key_pending_deletion: arn:aws:kms:eu-west-1:000000000001:key/1b2c; under it: endpoint orders in R&amp;D &lt;prod&gt; (000000000001), eu-west-1</li>
        </ul>
        <h3>Opened (202)</h3>
        <ul>
        <li>fail, default_key: endpoint shop in R&amp;D &lt;prod&gt; (000000000001), eu-west-1; dms_endpoint_kms_cmk_encryption</li>
        </ul>
        <p>and 201 more: `keywatch findings list --state open`, `keywatch coverage`</p>
        <p><small>id 00ff</small></p>
        </body></html>
        ");
        assert!(mail.subject.chars().count() <= LONGEST_SUBJECT && !mail.subject.contains('\n'));
    }

    #[test]
    fn names_are_no_markup() {
        let mut news = flood();
        news.opened.first[0].resource_name = "shop".to_owned();
        news.opened.first[0].account_name = "<script>alert('x')</script>".to_owned();
        let mail = mail("00ff", &news);
        assert!(mail.html.contains("&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;"));
        assert!(!mail.html.contains("<script"));
        assert!(mail.html.len() < 1_000_000);
    }
}

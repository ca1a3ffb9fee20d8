use super::{accepted, load, problems};
use crate::{
    config::{Address, HookUrl, InvalidUrl, Notify, Template, Tls},
    domain::{Channel, Occasion},
};

#[test]
fn a_channel_is_on_if_it_says_where_to() {
    assert_eq!(accepted("[notify]\n[notify.webhook]\ntemplate = \"generic\"\n").notify, Notify::default());
    assert_eq!(Notify::default().channels(), []);
    let notify = accepted(
        r#"
        [notify]
        on = ["key_in_danger", "opened", "opened"]
        [notify.webhook]
        url = "http://127.0.0.1:9000/hook"
        secret_file = "secret"
        [notify.slack]
        url_file = "slack"
        [notify.email]
        host = "smtp.example.com"
        from = "keywatch <keywatch@example.com>"
        to = ["a@example.com", "B <b@example.com>"]
        username = "u"
        password_file = "p"
        [notify.sns]
        topic_arn = "arn:aws:sns:eu-central-1:111122223333:keywatch"
        "#,
    )
    .notify;
    assert_eq!(notify.on, [Occasion::KeyInDanger, Occasion::Opened]);
    assert_eq!(notify.channels(), Channel::ALL);
    let email = notify.email.unwrap();
    assert_eq!((email.port, email.tls), (587, Tls::StartTls));
    assert_eq!(email.to, ["a@example.com", "B <b@example.com>"]);
    assert_eq!(notify.sns.unwrap().region.as_str(), "eu-central-1");
}

#[test]
fn templates_bring_what_they_need() {
    let webhook = |text: &str| accepted(&format!("[notify.webhook]\n{text}")).notify.webhook.unwrap();
    let pagerduty = webhook("template = \"pagerduty\"\nrouting_key_file = \"k\"");
    assert_eq!(pagerduty.template, Template::PagerDuty { routing_key_file: "k".into() });
    let usual = HookUrl::parse("https://events.pagerduty.com/v2/enqueue").unwrap();
    assert_eq!(pagerduty.address, Address::Url(usual));
    let teams = webhook("template = \"teams\"\nurl_file = \"u\"\nurl = \"https://unused.example.com\"");
    assert_eq!((teams.address, teams.template), (Address::File("u".into()), Template::Teams));
    let tls = accepted(
        "[notify.email]\nhost = \"localhost\"\ntls = \"none\"\nport = 25\nfrom = \"k@localhost\"\nto = \"x\"\n"
            .replace("\"x\"", "[\"x@localhost\"]")
            .as_str(),
    );
    assert_eq!(tls.notify.email.unwrap().port, 25);
    let by_variable = load("", &[("KEYWATCH_NOTIFY__ON", "opened,report")]).unwrap().config.notify;
    assert_eq!(by_variable.on, [Occasion::Opened, Occasion::Report]);
}

#[test]
fn what_is_wrong_is_said_at_its_place() {
    let text = r#"
[notify]
on = ["opened", "closed"]
[notify.webhook]
url = "http://hooks.example.com/keywatch?sig=SECRET"
template = "discord"
[notify.slack]
url_file = "https://hooks.slack.com/services/T/B/SECRET"
[notify.email]
host = "smtp.example.com:25"
tls = "none"
from = "nobody"
to = []
[notify.sns]
topic_arn = "arn:aws:sns:eu-central-1:111122223333:keywatch:sub"
"#;
    insta::assert_snapshot!(problems(text, &[]), @r#"
    k.toml:3:17: notify.on: "closed" is none of the choices; allowed: "opened", "reopened", "coverage_lost", "key_in_danger", "report"
    k.toml:5:7: notify.webhook.url: does not begin with https:// (http:// is allowed on the machine itself only); write the whole of it, as in "https://hooks.example.com/keywatch"
    k.toml:6:12: notify.webhook.template: "discord" is none of the choices; allowed: "generic", "teams", "pagerduty"
    k.toml:8:12: notify.slack.url_file: is an address where the name of a file is expected; write the secret into a file that only keywatch's user may read, and name that file
    k.toml:10:8: notify.email.host: "smtp.example.com:25" is not the name of a host; write its name alone, as in "smtp.example.com"; the port has a key of its own
    k.toml:12:8: notify.email.from: "nobody" is not a mail address; write "security@example.com", or "Security team <security@example.com>"
    k.toml:15:13: notify.sns.topic_arn: "arn:aws:sns:eu-central-1:111122223333:keywatch:sub" is not the ARN of a topic; copy it from SNS: "arn:aws:sns:us-east-1:111122223333:keywatch"
    "#);
}

#[test]
fn what_is_missing_is_named() {
    let texts = [
        "[notify.webhook]\nurl = \"https://hooks.example.com\"",
        "[notify.webhook]\nsecret_file = \"s\"",
        "[notify.webhook]\ntemplate = \"pagerduty\"",
        "[notify.webhook]\ntemplate = \"teams\"",
        "[notify.email]\nhost = \"smtp.example.com\"\ntls = \"none\"\nusername = \"u\"",
        "[notify.email]\nto = [\"a@example.com\"]",
        "[notify.email]\nhost = \"h\"\nfrom = \"a@example.com\"\nto = []\npassword_file = \"p\"",
        "[notify.sns]\ntopic_arn = \"arn:aws-cn:sns:cn-north-1:111122223333:k\"",
        "[notify.sns]\ntopic_arn = \"arn:aws:sns:us-east-1:111122223333:k.fifo\"",
    ];
    let all: Vec<String> = texts.iter().map(|text| problems(text, &[])).collect();
    insta::assert_snapshot!(all.join("\n"), @r#"
    k.toml:2:7: notify.webhook.secret_file: is missing; name a file with the key that each request is signed with: `openssl rand -hex 32 > FILE`
    k.toml:2:15: notify.webhook.url: is missing; say where the webhook is, in url or url_file
    k.toml:2:12: notify.webhook.routing_key_file: is missing; name the file with the routing key of the integration
    k.toml:2:12: notify.webhook.url: is missing; say where the webhook is, in url or url_file
    k.toml:2:8: notify.email.from: is missing; say who it is from: "keywatch@example.com"
    k.toml:2:8: notify.email.to: is missing; say who gets it: ["security@example.com"]
    k.toml:2:8: notify.email.password_file: is missing; name the file with the password of notify.email.username
    k.toml:3:7: notify.email.tls: mail to smtp.example.com would go over the network in the clear; allowed: "starttls" or "tls"; "none" is for a mail server on the machine itself
    k.toml:2:6: notify.email.host: is missing; name the mail server
    k.toml:2:8: notify.email.username: is missing; say whose password notify.email.password_file is
    k.toml:4:6: notify.email.to: is empty; name at least one address
    k.toml:2:13: notify.sns.topic_arn: the topic lies in the partition aws-cn, aws.home_region (us-east-1) in aws; name a topic of that partition
    k.toml:2:13: notify.sns.topic_arn: "arn:aws:sns:us-east-1:111122223333:k.fifo" is a FIFO topic; name a standard topic; a FIFO topic serves queues, not people
    "#);
}

#[test]
fn an_address_shows_its_host_and_no_more() {
    let secret = HookUrl::parse("https://hooks.slack.com:8443/services/T/B/SECRET?sig=SECRET").unwrap();
    assert_eq!(
        format!("{secret} {secret:?}"),
        "https://hooks.slack.com:8443 HookUrl(https://hooks.slack.com:8443/…)"
    );
    for (text, error) in [
        ("hooks.example.com", InvalidUrl::NotAUrl),
        ("ftp://localhost/", InvalidUrl::NotHttps),
        ("http://localhost.example.com/", InvalidUrl::NotHttps),
        ("https://user:pass@example.com/", InvalidUrl::Credentials),
    ] {
        assert_eq!(HookUrl::parse(text).unwrap_err(), error, "{text}");
    }
    assert!(HookUrl::parse("http://[::1]:80/").is_ok() && HookUrl::parse("http://localhost/").is_ok());
}

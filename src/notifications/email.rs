//! Mail over SMTP.

use std::time::Duration;

use aws_smithy_types::base64;
use lettre::{
    AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor,
    message::{Attachment, Mailbox, MultiPart, header},
    transport::smtp::{
        self,
        authentication::Credentials,
        client::{Tls as Protection, TlsParameters},
    },
};

use super::{
    Enclosed, SendError, hook,
    message::cut,
    render::mail::{Mail, mail},
    secret::Secret,
};
use crate::{
    config::{Email, Tls},
    domain::News,
};

/// The longest that the server may take for one answer.
const ANSWER: Duration = Duration::from_secs(15);

/// The most that is told of an answer, in characters.
const LONGEST_TOLD: usize = 200;

/// One attempt over `[notify.email]`: one mail to all receivers.
pub async fn send(
    email: &Email,
    id: &str,
    news: &News,
    enclosed: Option<&Enclosed>,
) -> Result<(), SendError> {
    let message = message(email, id, mail(id, news), enclosed)?;
    let password = match &email.login {
        Some(login) => Some(hook::read("notify.email.password_file", &login.password_file)?),
        None => None,
    };
    let protection = || {
        TlsParameters::new(email.host.clone())
            .map_err(|error| SendError::transient(format!("cannot set up TLS to {}: {error}", email.host)))
    };
    let tls = match email.tls {
        Tls::StartTls => Protection::Required(protection()?),
        Tls::Tls => Protection::Wrapper(protection()?),
        Tls::None => Protection::None,
    };
    let mut server = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&email.host)
        .port(email.port)
        .tls(tls)
        .timeout(Some(ANSWER));
    if let (Some(login), Some(password)) = (&email.login, &password) {
        server = server.credentials(Credentials::new(login.username.clone(), password.reveal().to_owned()));
    }
    match server.build().send(message).await {
        Ok(_) => Ok(()),
        Err(error) => Err(failed(email, password.as_ref(), &error)),
    }
}

fn message(email: &Email, id: &str, mail: Mail, enclosed: Option<&Enclosed>) -> Result<Message, SendError> {
    let broken = |error: &dyn std::error::Error| {
        SendError::Permanent(format!("the mail could not be put together: {error}"))
    };
    let mailbox = |text: &str| -> Result<Mailbox, SendError> {
        text.parse().map_err(|error| SendError::Permanent(format!("{text:?} is not a mail address: {error}")))
    };
    let from = mailbox(&email.from)?;
    let domain = from.email.domain().to_owned();
    let mut message = Message::builder()
        .from(from)
        .subject(mail.subject)
        // The same at every attempt: a mailbox that gets it twice shows it once.
        .message_id(Some(format!("<{id}@{domain}>")))
        .header(AutoSubmitted);
    for to in &email.to {
        message = message.to(mailbox(to)?);
    }
    let body = match enclosed {
        None => MultiPart::alternative_plain_html(mail.text, mail.html),
        Some(enclosed) => {
            let kind = header::ContentType::parse(enclosed.content_type).map_err(|error| broken(&error))?;
            let file = Attachment::new(enclosed.file_name.clone()).body(enclosed.file.clone(), kind);
            MultiPart::mixed()
                .multipart(MultiPart::alternative_plain_html(mail.text, enclosed.html.clone()))
                .singlepart(file)
        }
    };
    message.multipart(body).map_err(|error| broken(&error))
}

/// Keeps answers of absent people away. Source: RFC 3834, section 5.
#[derive(Clone)]
struct AutoSubmitted;

impl header::Header for AutoSubmitted {
    fn name() -> header::HeaderName {
        header::HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> header::HeaderValue {
        header::HeaderValue::new(Self::name(), "auto-generated".to_owned())
    }
}

fn failed(email: &Email, password: Option<&Secret>, error: &smtp::Error) -> SendError {
    let mut text = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(error) = source {
        text = format!("{text}: {error}");
        source = error.source();
    }
    if repeats(&text, email, password) {
        text = error.status().map_or_else(|| "it failed".to_owned(), |status| format!("code {status}"));
    }
    let message = format!("mail server {}:{}: {}", email.host, email.port, cut(&text, LONGEST_TOLD));
    // A login that is refused may be let in once the password's file has the new one.
    let login =
        error.status().is_some_and(|status| ["530", "534", "535"].contains(&status.to_string().as_str()));
    if error.is_permanent() && !login { SendError::Permanent(message) } else { SendError::transient(message) }
}

/// Whether the server repeats what it was sent to log in with, in any of the forms in which it goes over the line.
fn repeats(text: &str, email: &Email, password: Option<&Secret>) -> bool {
    let (Some(login), Some(password)) = (&email.login, password) else { return false };
    let password = password.reveal();
    let plain = format!("\0{}\0{password}", login.username);
    [password.to_owned(), base64::encode(password), base64::encode(plain)]
        .iter()
        .any(|form| text.contains(form))
}

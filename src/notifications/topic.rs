//! Amazon SNS, called as everything of AWS is: with keywatch's own credentials, and one layer that retries.

use std::{sync::Arc, time::Duration};

use aws_sdk_sns::{Client, config, types::MessageAttributeValue};
use tokio::sync::OnceCell;
use tokio_util::sync::CancellationToken;

use super::{LONGEST_ATTEMPT, SendError, render::sns::published};
use crate::{
    aws::{self, Bounds, CallError, Caller, Operation, Session},
    config::{Aws, RateLimits, Scan, Sns},
    domain::{AccountId, News, NewsKind},
};

/// Publishes to topics; finds keywatch's credentials with the first message.
pub struct Topics {
    aws: Aws,
    scan: Scan,
    limits: RateLimits,
    connection: OnceCell<Connection>,
}

struct Connection {
    sdk: aws::SdkConfig,
    caller: Arc<Caller>,
    session: Session,
}

impl Topics {
    /// With these settings. Makes no call.
    pub fn new(aws: Aws, scan: Scan, limits: RateLimits) -> Self {
        Self { aws, scan, limits, connection: OnceCell::new() }
    }

    /// One attempt over `[notify.sns]`, repeats of single calls within a minute aside.
    pub async fn publish(
        &self,
        sns: &Sns,
        id: &str,
        news: &News,
        cancel: &CancellationToken,
    ) -> Result<(), SendError> {
        let Connection { sdk, caller, session } = self.connection.get_or_init(|| self.connect()).await;
        let message = published(id, news);
        let attributes = [
            ("keywatch_id", id),
            ("keywatch_kind", NewsKind::as_str(news.kind)),
            ("keywatch_severity", message.level.as_str()),
        ];
        let region = config::Region::new(sns.region.to_string());
        let client = Client::from_conf(config::Builder::from(sdk).region(region).build());
        // A little less, so that what is told is what happened and not that the time was up.
        let bounds = Bounds::within(LONGEST_ATTEMPT - Duration::from_secs(5), cancel);
        let operation = Operation::Publish;
        let published = caller
            .call(operation, session, &sns.region, &bounds, |credentials| {
                let mut call = client
                    .publish()
                    .topic_arn(&sns.topic_arn)
                    .subject(&message.subject)
                    .message(&message.text);
                for (name, value) in attributes {
                    let value =
                        MessageAttributeValue::builder().data_type("String").string_value(value).build();
                    // Its type is set, which is all that the builder asks for.
                    if let Ok(value) = value {
                        call = call.message_attributes(name, value);
                    }
                }
                let call = call
                    .customize()
                    .config_override(config::Builder::new().credentials_provider(credentials));
                async move { call.send().await.map_err(|error| CallError::from_sdk(operation, &error)) }
            })
            .await;
        published.map(|_| ()).map_err(|error| failed(sns, operation, &error))
    }

    async fn connect(&self) -> Connection {
        let settings = aws::load(&self.aws, &self.scan).await;
        let clock = settings.config.time_source().unwrap_or_default();
        Connection {
            caller: Arc::new(Caller::new(&self.scan, &self.limits, clock)),
            session: Session::new(AccountId::NONE, settings.chain),
            sdk: settings.config,
        }
    }
}

/// Credentials that are refused may be there again tomorrow; a topic that refuses will refuse.
fn failed(sns: &Sns, operation: Operation, error: &CallError) -> SendError {
    let message = format!("topic {}: {error}", sns.topic_arn);
    if error.is_retryable() || error.failure.operation != operation.name() {
        SendError::transient(message)
    } else {
        SendError::Permanent(message)
    }
}

//! The one HTTP client: connections and TLS are set up once and shared by every service, account and
//! Region.

use std::time::Duration;

use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use aws_smithy_runtime_api::{
    client::{
        http::{
            HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
            SharedHttpConnector,
        },
        orchestrator::HttpRequest,
        result::ConnectorError,
        runtime_components::RuntimeComponents,
    },
    http::Response,
};
use aws_smithy_types::{body::SdkBody, byte_stream::ByteStream};

use super::nulls::without_nulls_in_lists;

/// The largest answer that is taken in; a page of 100 instances is well under one.
const MAX_BODY: u64 = 32 * 1024 * 1024;

/// A client over rustls with the system's certificates, which reads each answer whole (bounded by the
/// attempt's timeout) and takes nulls out of its lists before the SDK parses it.
pub fn client() -> SharedHttpClient {
    let inner = aws_smithy_http_client::Builder::new()
        .tls_provider(Provider::Rustls(CryptoMode::Ring))
        .pool_idle_timeout(Duration::from_secs(20))
        .build_https();
    SharedHttpClient::new(WholeAnswers(inner))
}

#[derive(Debug)]
struct WholeAnswers(SharedHttpClient);

impl HttpClient for WholeAnswers {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(WholeAnswer(self.0.http_connector(settings, components)))
    }
}

#[derive(Debug)]
struct WholeAnswer(SharedHttpConnector);

impl HttpConnector for WholeAnswer {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let answer = self.0.call(request);
        HttpConnectorFuture::new(async move { whole(answer.await?).await })
    }
}

async fn whole(mut answer: Response<SdkBody>) -> Result<Response<SdkBody>, ConnectorError> {
    if answer.body().content_length().is_some_and(|length| length > MAX_BODY) {
        return Err(ConnectorError::other(format!("an answer of more than {MAX_BODY} bytes").into(), None));
    }
    let mut stream = ByteStream::new(answer.take_body());
    let mut body = Vec::new();
    while let Some(chunk) = stream.next().await {
        let chunk = chunk.map_err(|error| ConnectorError::io(error.into()))?;
        if (body.len() + chunk.len()) as u64 > MAX_BODY {
            return Err(ConnectorError::other(
                format!("an answer of more than {MAX_BODY} bytes").into(),
                None,
            ));
        }
        body.extend_from_slice(&chunk);
    }
    let body = without_nulls_in_lists(&body).unwrap_or(body);
    *answer.body_mut() = SdkBody::from(body);
    Ok(answer)
}

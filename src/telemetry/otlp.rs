//! Traces to an OpenTelemetry collector, as protobuf over HTTP. Where to, with which headers and how many is what
//! OpenTelemetry's own variables say (`OTEL_EXPORTER_OTLP_ENDPOINT` and so on).

use std::{env, future::Future, io, pin::Pin, sync::OnceLock, time::Duration};

use opentelemetry::{KeyValue, trace::TracerProvider};
use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response};
use opentelemetry_otlp::{SpanExporter, WithHttpConfig};
use opentelemetry_sdk::{Resource, trace::SdkTracerProvider};
use tokio::runtime::{Builder, Runtime};
use tracing::{Level, Subscriber};
use tracing_subscriber::{Layer, filter::filter_fn, registry::LookupSpan};

use super::LoggingError;

/// The longest that one message may take.
const TIMEOUT: Duration = Duration::from_secs(10);

/// The longest that the end of the process waits for a collector.
const LAST: Duration = Duration::from_secs(3);

/// What sends, until the end of the process.
static PROVIDER: OnceLock<SdkTracerProvider> = OnceLock::new();

/// Sends keywatch's own spans, those of calls included. A thread of its own does; where the collector is slow or
/// away, spans are lost, and nobody waits.
pub(super) fn layer<S>() -> Result<impl Layer<S>, LoggingError>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    let fail = |error: &dyn std::error::Error| LoggingError::Traces(error.to_string());
    let client = Client::new().map_err(|error| fail(error.as_ref()))?;
    let exporter =
        SpanExporter::builder().with_http().with_http_client(client).build().map_err(|error| fail(&error))?;
    let provider =
        SdkTracerProvider::builder().with_batch_exporter(exporter).with_resource(resource()).build();
    let tracer = provider.tracer("keywatch");
    if PROVIDER.set(provider).is_err() {
        return Err(LoggingError::Twice);
    }
    let layer = tracing_opentelemetry::layer()
        .with_tracer(tracer)
        .with_location(false)
        .with_threads(false)
        .with_tracked_inactivity(false);
    // Nothing of the libraries below: their spans and events can hold credentials.
    let own =
        filter_fn(|metadata| metadata.target().starts_with("keywatch") && *metadata.level() <= Level::DEBUG);
    Ok(layer.with_filter(own))
}

/// Sends what has not been sent yet.
pub(super) fn end() {
    if let Some(provider) = PROVIDER.get()
        && let Err(error) = provider.shutdown_with_timeout(LAST)
    {
        tracing::warn!(%error, "the last traces may not have been sent");
    }
}

fn resource() -> Resource {
    let resource =
        Resource::builder().with_attribute(KeyValue::new("service.version", env!("CARGO_PKG_VERSION")));
    match env::var_os("OTEL_SERVICE_NAME") {
        Some(_) => resource.build(),
        None => resource.with_service_name("keywatch").build(),
    }
}

/// An HTTP client that needs no runtime around it: the SDK's thread has none.
#[derive(Debug)]
struct Client {
    http: reqwest::Client,
    runtime: Runtime,
}

impl Client {
    fn new() -> Result<Self, HttpError> {
        // Somebody else may have installed it, which is just as well.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder().timeout(TIMEOUT).build()?;
        Ok(Self { http, runtime: Builder::new_current_thread().enable_all().build()? })
    }

    async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let answer = self.http.execute(request.try_into()?).await?;
        let mut response = Response::builder().status(answer.status());
        if let Some(headers) = response.headers_mut() {
            headers.clone_from(answer.headers());
        }
        Ok(response.body(answer.bytes().await?)?)
    }
}

impl HttpClient for Client {
    fn send_bytes<'life0, 'async_trait>(
        &'life0 self,
        request: Request<Bytes>,
    ) -> Pin<Box<dyn Future<Output = Result<Response<Bytes>, HttpError>> + Send + 'async_trait>>
    where
        'life0: 'async_trait,
        Self: 'async_trait,
    {
        Box::pin(async move {
            // Where a runtime is around it all the same, to block would be a panic.
            if tokio::runtime::Handle::try_current().is_ok() {
                return Err(io::Error::other("traces are sent from a thread without a runtime").into());
            }
            self.runtime.block_on(self.send(request))
        })
    }
}

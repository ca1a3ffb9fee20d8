//! From a connection to an answer.

use std::{future, io, sync::Arc, time::Instant};

use http_body_util::{BodyExt, Limited};
use hyper::{
    Request, Response, body::Incoming, http::request::Parts, server::conn::http1, service::service_fn,
};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    net::TcpListener,
    task::JoinSet,
    time::{Duration, sleep},
};

use super::{
    answer::{Answer, Refusal, request_id},
    auth::{self, Scope},
    body::WireBody,
    context::{Context, PageFault, Shared},
    control,
    faults::FaultKind,
    request::{Call, Protocol, Service},
    services,
};
use crate::domain::Region;

/// Tokio's timer goes by whole milliseconds and is never early, so a wait is this much too long on average.
const TIMER_LATE: Duration = Duration::from_millis(1);

/// No AWS call that the sandbox knows comes near it.
const MAX_BODY: usize = 256 * 1024;

/// Serves connections until it is dropped; every connection ends with it.
pub(super) async fn serve(listener: TcpListener, shared: Arc<Shared>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    // Small answers must not wait for the client's acknowledgement; where the option
                    // can't be set they are late, and still right.
                    let _ = stream.set_nodelay(true);
                    let shared = Arc::clone(&shared);
                    connections.spawn(async move {
                        let service = service_fn(|request| handle(&shared, request));
                        let mut http = http1::Builder::new();
                        http.timer(TokioTimer::new());
                        if let Err(error) = http.serve_connection(TokioIo::new(stream), service).await {
                            tracing::debug!(%error, "a sandbox connection ended early");
                        }
                    });
                }
                Err(error) => {
                    tracing::warn!(%error, "the sandbox could not accept a connection");
                    // Out of file descriptors, most likely; some come back when connections end.
                    sleep(Duration::from_millis(50)).await;
                }
            },
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn handle(shared: &Shared, request: Request<Incoming>) -> io::Result<Response<WireBody>> {
    let (parts, body) = request.into_parts();
    let body = Limited::new(body, MAX_BODY).collect().await.map_err(io::Error::other)?.to_bytes();
    if parts.uri.path().starts_with("/_sandbox/") {
        return Ok(control::answer(shared, &parts, &body));
    }
    let request_id = request_id();
    let respond = |answer: Answer| answer.into_response(&request_id, shared.time_here(), false);

    let Some((scope, service, region)) = address(&parts) else {
        let refusal =
            Refusal::new(403, "MissingAuthenticationTokenException", "Missing Authentication Token");
        return Ok(respond(Answer::refusal(Protocol::Json11, &refusal, &request_id)));
    };
    let protocol = service.protocol();
    let call = match Call::read(service, region, &parts, &body) {
        Ok(call) => call,
        Err(refusal) => return Ok(respond(Answer::refusal(protocol, &refusal, &request_id))),
    };
    let hub = shared.hub();
    let charged = auth::claimed_account(&scope, &shared.sessions, &hub);
    let about = call.about(charged);
    let action = call.action();
    let _in_flight = shared.counter.begin(action.clone(), about, call.region.clone());
    if !shared.latency.is_zero() {
        sleep(shared.latency.saturating_sub(TIMER_LATE)).await;
    }

    let fault = shared.faults.hit(&action, about, &call.region);
    match fault {
        Some(FaultKind::Hang) => future::pending().await,
        Some(FaultKind::Disconnect) => return Err(io::Error::other("the sandbox was told to hang up")),
        Some(FaultKind::Delay(delay)) => sleep(delay).await,
        Some(FaultKind::Html500) => return Ok(respond(Answer::html(500))),
        Some(FaultKind::Html200) => return Ok(respond(Answer::html(200))),
        Some(FaultKind::EmptyObject) => return Ok(respond(Answer::empty_object())),
        _ => {}
    }

    let in_quota = shared.quotas.take(charged, &call.region, service, Instant::now());
    let outcome =
        auth::authenticate(&scope, service, &parts, &body, &shared.sessions, hub, shared.time_here())
            .and_then(|caller| {
                let page_fault = match fault {
                    Some(FaultKind::EmptyPageWithMarker) => Some(PageFault::Empty),
                    Some(FaultKind::RepeatMarker) => Some(PageFault::Repeat),
                    _ => None,
                };
                let context =
                    Context { shared, caller: &caller, call: &call, page_fault, request_id: &request_id };
                match fault.and_then(|kind| refusal(kind, &context)) {
                    Some(refusal) => Err(refusal),
                    None if !in_quota => Err(service.throttle()),
                    None => services::answer(&context),
                }
            });
    if fault == Some(FaultKind::AnswerLost) {
        return Err(io::Error::other("the sandbox was told to lose its answer"));
    }
    let mut answer = outcome.unwrap_or_else(|refusal| {
        shared.counter.change(|calls| {
            *calls.errors.entry(refusal.code.clone()).or_default() += 1;
            if refusal.is_throttle() {
                calls.throttled += 1;
                *calls.throttled_by.entry(action.clone()).or_default() += 1;
            }
        });
        Answer::refusal(protocol, &refusal, &request_id)
    });
    if fault == Some(FaultKind::TruncatedJson) {
        answer.body.truncate(answer.body.len() / 2);
    }
    Ok(answer.into_response(&request_id, shared.time_here(), fault == Some(FaultKind::TruncatedBody)))
}

/// Service and Region, from the credential scope.
fn address(parts: &Parts) -> Option<(Scope<'_>, Service, Region)> {
    let scope = Scope::read(parts)?;
    let (service, region) = (Service::from_scope(scope.service)?, scope.region.parse().ok()?);
    Some((scope, service, region))
}

/// The refusal that a fault amounts to, if it is one.
fn refusal(kind: FaultKind, context: &Context<'_>) -> Option<Refusal> {
    let service = context.call.service;
    Some(match kind {
        FaultKind::AccessDenied => {
            let action = context.call.action();
            context.denied("*", &format!("because no identity-based policy allows the {action} action"))
        }
        FaultKind::DeniedByScp => context.denied_by_scp("*"),
        FaultKind::InternalError => {
            let code = match service {
                Service::Kms => "KMSInternalException",
                Service::Account => "InternalServerException",
                Service::Organizations => "ServiceException",
                Service::Sts | Service::Dms => "InternalFailure",
            };
            Refusal::new(500, code, "The request processing has failed because of an unknown error")
        }
        FaultKind::Throttle => service.throttle(),
        FaultKind::ExpiredToken => service.expired_token(),
        FaultKind::UnrecognizedClient => service.unknown_token(),
        FaultKind::Refused(code) => Refusal::new(400, code, "The sandbox was told to refuse this"),
        _ => return None,
    })
}

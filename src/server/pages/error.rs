use askama::Template;
use axum::{
    extract::Request,
    http::{
        HeaderMap,
        header::{ACCEPT, CONTENT_LENGTH, CONTENT_TYPE},
    },
    middleware::Next,
    response::Response,
};

use super::{
    frame::{Frame, Tab},
    html,
};
use crate::{domain::visible, server::problem::Problem};

#[derive(Template)]
#[template(path = "server/pages/templates/error.html")]
struct ErrorPage<'a> {
    frame: Frame,
    status: u16,
    detail: &'a str,
}

/// Says to those who look with a browser as a page what programs are told as a problem.
pub(in crate::server) async fn for_people(request: Request, next: Next) -> Response {
    let browser = wants_a_page(request.headers());
    let answer = next.run(request).await;
    match answer.extensions().get::<Problem>().cloned() {
        Some(problem) if browser => page(&problem, answer),
        _ => answer,
    }
}

fn page(problem: &Problem, answer: Response) -> Response {
    let title = problem.status.canonical_reason().unwrap_or("Error");
    let detail = visible(&problem.detail);
    let page =
        ErrorPage { frame: Frame::of(Tab::Nowhere, title), status: problem.status.as_u16(), detail: &detail };
    let Ok(page) = page.render() else { return answer };
    let mut shown = html(problem.status, page);
    // What else the answer says, such as how to sign in, stays.
    for (name, value) in answer.headers() {
        if name != CONTENT_TYPE && name != CONTENT_LENGTH {
            shown.headers_mut().append(name.clone(), value.clone());
        }
    }
    shown
}

/// Browsers name HTML first; programs that take anything get what programs read.
fn wants_a_page(headers: &HeaderMap) -> bool {
    let accepted = headers.get(ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    accepted.split(',').any(|kind| kind.trim().starts_with("text/html"))
}

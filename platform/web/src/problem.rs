//! How a failure looks: problem details (RFC 9457) to a program, a page to a person.

use std::{collections::BTreeMap, sync::Arc};

use askama::Template;
use axum::response::{IntoResponse, Response};
use base::{ErrorKind, Fault, FieldError};
use fluent_bundle::FluentArgs;
use http::{HeaderValue, StatusCode, header};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{Ctx, Failure, entrance::Visit};

/// Seconds after which a request refused for want of capacity may be tried again.
const RETRY_AFTER: &str = "2";

/// Problem details, RFC 9457.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Problem {
    /// Address of the page that explains the error.
    #[serde(rename = "type")]
    pub kind: String,
    /// What sort of error it is.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// What happened in this case.
    pub detail: String,
    /// What can be done about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    /// The request's id, by which the operator finds it in the log.
    pub instance: String,
    /// The stable code.
    pub code: String,
    /// The fields at fault.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<WrongField>,
    /// Further members.
    #[serde(flatten)]
    #[schema(ignore)]
    pub members: BTreeMap<&'static str, Vec<String>>,
}

/// A field at fault.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct WrongField {
    /// The field's name.
    pub field: String,
    /// The stable reason.
    pub reason: String,
    /// The reason in the reader's language.
    pub detail: String,
}

/// A failure on its way to the entrance, which knows how it must look.
#[derive(Debug, Clone)]
pub(crate) struct Refused(pub(crate) Arc<Failure>);

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let mut response = status(&self).into_response();
        response.extensions_mut().insert(Refused(Arc::new(self)));
        response
    }
}

/// The page of an error.
#[derive(Template)]
#[template(path = "error.html")]
struct ErrorPage {
    ctx: Ctx,
    problem: Problem,
    explanation: &'static str,
}

/// Renders the failure for whoever asked, and logs it when it is ours.
pub(crate) fn render(visit: &Arc<Visit>, failure: &Failure) -> Response {
    if failure.kind() == ErrorKind::Internal {
        let code = failure.fault().code().id;
        tracing::error!(error.code = code, error.cause = failure.log_text(), request.id = %visit.caller.request(), "request failed");
    }
    let problem = problem(visit, failure);
    let mut response = if visit.is_api() { json(&problem) } else { page(visit, problem, failure) };
    *response.status_mut() = status(failure);
    let headers = response.headers_mut();
    if matches!(failure.kind(), ErrorKind::Unavailable | ErrorKind::TooMany) {
        headers.insert(header::RETRY_AFTER, HeaderValue::from_static(RETRY_AFTER));
    }
    if failure.kind() == ErrorKind::Unauthenticated && visit.is_api() {
        headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::CONTENT_LANGUAGE, HeaderValue::from_static(visit.language));
    response
}

fn problem(visit: &Arc<Visit>, failure: &Failure) -> Problem {
    let fault = failure.fault();
    let (code, Said { title, detail, hint }) = (fault.code(), said(visit, fault));
    let ctx = Ctx::new(visit.clone());
    let wrong = |FieldError { field, reason }| WrongField { detail: ctx.field_error(&reason), field, reason };
    Problem {
        kind: format!("/errors/{}", code.id),
        title,
        status: failure.status(),
        detail,
        hint,
        instance: visit.caller.request().to_string(),
        code: code.id.to_owned(),
        errors: fault.fields().into_iter().map(wrong).collect(),
        members: fault.members().into_iter().collect(),
    }
}

/// An error in the reader's words.
pub(crate) struct Said {
    title: String,
    pub(crate) detail: String,
    pub(crate) hint: Option<String>,
}

/// Returns the error in the reader's words. An error speaks English; other languages have the title of its code, and for some
/// a text that takes the error's members. Of what is our fault nothing is said.
pub(crate) fn said(visit: &Visit, fault: &dyn Fault) -> Said {
    let code = fault.code();
    let title = code.title_in(visit.language).to_owned();
    let internal = code.kind == ErrorKind::Internal;
    if visit.language == "en" {
        let detail = if internal { "something went wrong on our side".to_owned() } else { fault.to_string() };
        return Said { title, detail, hint: fault.hint().filter(|_| !internal) };
    }
    let mut args = FluentArgs::new();
    for (name, values) in fault.members() {
        args.set(name, values.join(", "));
    }
    let texts = &visit.kit.shared().texts;
    let detail = texts.find(visit.language, &format!("error-{}-detail", code.id), &args);
    Said { detail: detail.unwrap_or_else(|| title.clone()), title, hint: None }
}

fn json(problem: &Problem) -> Response {
    let bytes = serde_json::to_vec(problem).unwrap_or_default();
    ([(header::CONTENT_TYPE, "application/problem+json")], bytes).into_response()
}

fn page(visit: &Arc<Visit>, problem: Problem, failure: &Failure) -> Response {
    let ctx = Ctx::new(visit.clone()).title_text(problem.title.clone());
    let explanation = failure.fault().code().explanation_in(visit.language);
    match (ErrorPage { ctx, problem, explanation }).render() {
        Ok(html) => axum::response::Html(html).into_response(),
        Err(error) => {
            tracing::error!(error.cause = %error, request.id = %visit.caller.request(), "error page failed");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

fn status(failure: &Failure) -> StatusCode {
    StatusCode::from_u16(failure.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

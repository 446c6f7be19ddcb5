//! How a failure looks: problem details (RFC 9457) to a program, a page to a person.

use std::{collections::BTreeMap, sync::Arc};

use askama::Template;
use axum::response::{IntoResponse, Response};
use base::{Code, ErrorKind, Fault, FieldError};
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
    /// What the code's page says of what happened.
    happened: Vec<&'static str>,
    /// The members, in the reader's words: what each is called, and its values.
    members: Vec<(String, Vec<String>)>,
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

/// Returns the error in the reader's words. An error speaks English; a text for its code, which takes the error's members, says
/// it in another language, and in English to people: programs are told the stable words. Of what is our fault nothing is said.
pub(crate) fn said(visit: &Visit, fault: &dyn Fault) -> Said {
    let (code, title) = (fault.code(), fault.code().title_in(visit.language).to_owned());
    let english = visit.language == "en";
    let remedy = remedy(code, visit);
    if english && code.kind == ErrorKind::Internal {
        return Said { title, detail: "something went wrong on our side".to_owned(), hint: remedy };
    }
    let mut args = FluentArgs::new();
    for (name, values) in told(visit, fault) {
        args.set(name, values.join(", "));
    }
    args.set("fields", fault.fields().iter().map(|field| field.field.as_str()).collect::<Vec<_>>().join(", "));
    let texts = &visit.kit.shared().texts;
    let find = |part: &str| texts.find(visit.language, &format!("error-{}-{part}", code.id), &args);
    let detail = if english && visit.is_api() { None } else { find("detail") };
    let otherwise = || if english { fault.to_string() } else { title.clone() };
    let hint = fault.hint().filter(|_| english).or(remedy);
    Said { detail: detail.unwrap_or_else(otherwise), title, hint }
}

/// Returns what can be done about errors of this code, as it is said to a person or to who writes a program.
fn remedy(code: &Code, visit: &Visit) -> Option<String> {
    let programs = code.for_programs_in(visit.language).filter(|_| visit.is_api());
    let line = programs
        .map_or_else(|| code.remedy_in(visit.language), |(_, lines)| lines.lines().next_back().unwrap_or_default());
    (!line.is_empty()).then(|| line.to_owned())
}

/// Returns the members of the error, stable words as the reader's language says them.
fn told(visit: &Visit, fault: &dyn Fault) -> Vec<(&'static str, Vec<String>)> {
    let words = fault.words();
    let text = |key: &String| visit.kit.shared().texts.find(visit.language, key, &FluentArgs::new());
    let say = |(name, values): (&'static str, Vec<String>)| {
        let keys = words.iter().find(|(word, _)| *word == name).map(|(_, keys)| keys.as_slice()).unwrap_or_default();
        let said = values.into_iter().zip(keys.iter().map(Some).chain(std::iter::repeat(None)));
        (name, said.map(|(value, key)| key.and_then(text).unwrap_or(value)).collect())
    };
    fault.members().into_iter().map(say).collect()
}

fn json(problem: &Problem) -> Response {
    let bytes = serde_json::to_vec(problem).unwrap_or_default();
    ([(header::CONTENT_TYPE, "application/problem+json")], bytes).into_response()
}

fn page(visit: &Arc<Visit>, problem: Problem, failure: &Failure) -> Response {
    let ctx = Ctx::new(visit.clone()).title_text(problem.title.clone());
    let fault = failure.fault();
    let explanation = fault.code().explanation_in(visit.language).lines().collect::<Vec<_>>();
    // What can be done stands apart.
    let happened = explanation.split_last().map(|(_, happened)| happened.to_vec()).unwrap_or_default();
    // What has no name for people is for programs, and people find it in the sentence above.
    let called = |(name, values): (&str, Vec<String>)| {
        let key = format!("error-member-{name}");
        let text = ctx.t(&key).to_owned();
        (text != key).then_some((text, values))
    };
    let members = told(visit, fault).into_iter().filter_map(called).collect();
    match (ErrorPage { ctx, problem, happened, members }).render() {
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

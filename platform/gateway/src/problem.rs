//! A refusal in words: problem details (RFC 9457) for programs, a page that needs nothing else for people.

use base::Fault;
use http::HeaderValue;
use serde::Serialize;
use uuid::Uuid;

use crate::refusal::Refusal;

const JSON: &str = "application/problem+json";
const HTML: &str = "text/html; charset=utf-8";

/// Problem details, with the members that every part of the product uses.
#[derive(Serialize)]
struct Problem<'a> {
    #[serde(rename = "type")]
    kind: String,
    title: &'a str,
    status: u16,
    detail: String,
    instance: String,
    code: &'a str,
    /// The limits that were hit, as draft-ietf-httpapi-ratelimit-headers calls them.
    #[serde(rename = "violated-policies", skip_serializing_if = "Option::is_none")]
    violated_policies: Option<[&'a str; 1]>,
}

/// Returns whether the client would rather read a page than problem details.
pub(crate) fn prefers_html(accept: Option<&HeaderValue>) -> bool {
    let Some(accept) = accept.and_then(|accept| accept.to_str().ok()) else {
        return false;
    };
    let position = |kind: &str| accept.find(kind).unwrap_or(usize::MAX);
    position("text/html") < position("json")
}

/// Returns the content type and the text.
pub(crate) fn render(refusal: Refusal, id: Uuid, limit: Option<&str>, html: bool) -> (&'static str, String) {
    if html { (HTML, page(refusal, id)) } else { (JSON, json(refusal, id, limit)) }
}

/// Returns the content security policy of the page.
pub(crate) fn policy(id: Uuid) -> String {
    format!(
        "default-src 'none'; style-src 'nonce-{}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        id.simple()
    )
}

/// Returns the content type and the text of an answer to an operator's call that says too little or too much.
pub(crate) fn wrong_call(detail: &str) -> (&'static str, String) {
    let value = serde_json::json!({ "type": "about:blank", "title": "Bad Request", "status": 400, "detail": detail });
    (JSON, value.to_string())
}

fn json(refusal: Refusal, id: Uuid, limit: Option<&str>) -> String {
    let code = refusal.code();
    let problem = Problem {
        kind: format!("/errors/{}", code.id),
        title: code.title(),
        status: refusal.status().as_u16(),
        detail: refusal.to_string(),
        instance: id.to_string(),
        code: code.id,
        violated_policies: limit.map(|limit| [limit]),
    };
    serde_json::to_string(&problem).unwrap_or_default()
}

/// Everything on the page is our own text, so nothing in it needs escaping.
fn page(refusal: Refusal, id: Uuid) -> String {
    let code = refusal.code();
    let explanation = code.explanation().lines().fold(String::new(), |text, line| text + "<p>" + line + "</p>\n");
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n<title>{title}</title>\n\
         <style nonce=\"{nonce}\">\n\
         body {{ font: 1rem/1.5 system-ui, sans-serif; max-width: 36rem; margin: 15vh auto 0; padding: 0 1.25rem }}\n\
         h1 {{ font-size: 1.5rem; line-height: 1.25 }}\nsmall {{ opacity: 0.75 }}\n</style>\n</head>\n<body>\n<main>\n\
         <h1>{title}</h1>\n{explanation}<p><small>{status} · {code} · {id}</small></p>\n</main>\n</body>\n</html>\n",
        title = code.title(),
        nonce = id.simple(),
        status = refusal.status().as_u16(),
        code = code.id,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn browsers_get_a_page_and_programs_get_problem_details() {
        let prefers = |text: &'static str| prefers_html(Some(&HeaderValue::from_static(text)));
        assert!(prefers("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"));
        assert!(!prefers("application/json"));
        assert!(!prefers("application/json, text/html"));
        assert!(!prefers("*/*"));
        assert!(!prefers_html(None));
    }

    #[test]
    fn both_forms_carry_the_code_and_the_request() {
        let id = Uuid::from_u128(7);
        for html in [false, true] {
            let (_, text) = render(Refusal::NoRoute, id, None, html);
            assert!(text.contains("GTW-015") && text.contains(&id.to_string()), "{text}");
        }
        let (_, text) = render(Refusal::NoRoute, id, None, true);
        assert!(policy(id).contains(&format!("'nonce-{}'", id.simple())) && text.contains(&id.simple().to_string()));
    }
}

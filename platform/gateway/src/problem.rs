//! A refusal in words: problem details (RFC 9457) for programs, a page that needs nothing else for people.

use base::{Fault, language};
use http::{HeaderMap, HeaderValue, header};
use serde::Serialize;
use uuid::Uuid;

use crate::{phases::cookie, refusal::Refusal};

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
    hint: &'a str,
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

/// Returns the language in which the client reads: as chosen in this browser, else as it says of itself.
pub(crate) fn language(headers: &HeaderMap) -> &'static str {
    let chosen = cookie(headers, language::COOKIE).and_then(language::named);
    let wishes = || headers.get(header::ACCEPT_LANGUAGE)?.to_str().ok();
    chosen.or_else(|| language::negotiate(wishes()?)).unwrap_or("en")
}

/// A refusal as it is said to somebody.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Said<'a> {
    pub(crate) refusal: Refusal,
    /// The request's id.
    pub(crate) id: Uuid,
    /// The limit that was hit.
    pub(crate) limit: Option<&'a str>,
    pub(crate) language: &'static str,
}

impl Said<'_> {
    /// Returns the content type and the text.
    pub(crate) fn render(self, html: bool) -> (&'static str, String) {
        if html { (HTML, page(self)) } else { (JSON, json(self)) }
    }
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

fn json(Said { refusal, id, limit, language }: Said<'_>) -> String {
    let code = refusal.code();
    let title = code.title_in(language);
    let problem = Problem {
        kind: format!("/errors/{}", code.id),
        title,
        status: refusal.status().as_u16(),
        // Errors speak English; in other languages the title says it.
        detail: if language == "en" { refusal.to_string() } else { title.to_owned() },
        hint: code.remedy_in(language),
        instance: id.to_string(),
        code: code.id,
        violated_policies: limit.map(|limit| [limit]),
    };
    serde_json::to_string(&problem).unwrap_or_default()
}

/// Everything on the page is our own text, so nothing in it needs escaping.
fn page(Said { refusal, id, language, .. }: Said<'_>) -> String {
    let code = refusal.code();
    let explanation =
        code.explanation_in(language).lines().fold(String::new(), |text, line| text + "<p>" + line + "</p>\n");
    format!(
        "<!doctype html>\n<html lang=\"{language}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n<title>{title}</title>\n\
         <style nonce=\"{nonce}\">\n\
         body {{ font: 1rem/1.5 system-ui, sans-serif; max-width: 36rem; margin: 15vh auto 0; padding: 0 1.25rem }}\n\
         h1 {{ font-size: 1.5rem; line-height: 1.25 }}\nsmall {{ opacity: 0.75 }}\n</style>\n</head>\n<body>\n<main>\n\
         <h1>{title}</h1>\n{explanation}<p><small>{status} · {code} · {id}</small></p>\n</main>\n</body>\n</html>\n",
        title = code.title_in(language),
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
        let said = Said { refusal: Refusal::NoRoute, id: Uuid::from_u128(7), limit: None, language: "en" };
        for html in [false, true] {
            let (_, text) = said.render(html);
            assert!(text.contains("GTW-015") && text.contains(&said.id.to_string()), "{text}");
        }
        let (_, text) = said.render(true);
        let nonce = said.id.simple().to_string();
        assert!(policy(said.id).contains(&format!("'nonce-{nonce}'")) && text.contains(&nonce));
    }

    #[test]
    fn every_refusal_is_said_in_lao_to_who_reads_lao() {
        for &refusal in Refusal::ALL {
            let said = Said { refusal, id: Uuid::from_u128(7), limit: None, language: "lo" };
            let title = refusal.code().title_in("lo");
            assert_ne!(title, refusal.code().title());
            let ((_, page), (_, json)) = (said.render(true), said.render(false));
            assert!(page.contains("<html lang=\"lo\">") && page.contains(title), "{page}");
            assert!(json.contains(&format!("\"title\":\"{title}\",")), "{json}");
            assert!(json.contains(refusal.code().remedy_in("lo")), "{json}");
            assert!(!json.contains(&refusal.to_string()), "{json}");
        }
    }

    #[test]
    fn the_choice_made_in_this_browser_goes_before_its_wishes() {
        let reads = |pairs: &[(header::HeaderName, &'static str)]| {
            let pairs = pairs.iter().map(|(name, value)| (name.clone(), HeaderValue::from_static(value)));
            language(&pairs.collect())
        };
        let wish = (header::ACCEPT_LANGUAGE, "fr, lo;q=0.9, en;q=0.1");
        assert_eq!(reads(&[]), "en");
        assert_eq!(reads(std::slice::from_ref(&wish)), "lo");
        assert_eq!(reads(&[wish.clone(), (header::COOKIE, "fpms=x; fpms_language=en")]), "en");
        assert_eq!(reads(&[wish, (header::COOKIE, "fpms_language=fr")]), "lo");
    }
}

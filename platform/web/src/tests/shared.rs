//! The pages that are the same everywhere, in both languages.

use axum::{body::Body, extract::Request};
use base::Id;
use crypto::caller_token::CALLER_HEADER;
use http::{StatusCode, header};

use super::{Answer, NOON, SITE, TENANT, ask, grant, granted, kit, person, service};
use crate::{gallery, reference};

async fn fetch(language: &str, request: http::request::Builder, body: &'static str) -> Answer {
    let (kit, tokens) = kit(&[&SITE]);
    let token = tokens.seal(&person(language, &[], None), NOON + std::time::Duration::from_mins(1)).unwrap();
    let shared = reference::routes(&service().openapi, &[crate::CODES, access::CODES]);
    let router = kit.mount_router(shared.router.merge(gallery::routes()));
    ask(&router, request.header(CALLER_HEADER, token).body(Body::from(body)).unwrap()).await
}

async fn get(language: &str, path: &str) -> Answer {
    fetch(language, Request::get(path), "").await
}

/// Ids in the order they appear.
fn ids(html: &str) -> Vec<&str> {
    html.split(" id=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect()
}

fn check_markup(html: &str) {
    assert!(!html.contains(" style=\"") && !html.contains(" onclick=") && !html.contains("<script>"), "inline code");
    let ids = ids(html);
    let distinct: std::collections::HashSet<&&str> = ids.iter().collect();
    assert_eq!(distinct.len(), ids.len(), "an id stands twice: {ids:?}");
    for reference in html.split(" for=\"").skip(1).filter_map(|rest| rest.split('"').next()) {
        assert!(ids.contains(&reference), "a label names `{reference}`, which is not there");
    }
    for described in html.split(" aria-describedby=\"").skip(1).filter_map(|rest| rest.split('"').next()) {
        assert!(described.split_whitespace().all(|id| ids.contains(&id)), "described by `{described}`");
    }
    assert_eq!(html.matches("<h1>").count(), 1, "one heading of the first rank");
    assert_eq!(html.matches("<main ").count(), 1);
}

#[tokio::test]
async fn every_shared_page_renders_in_every_language() {
    for language in ["en", "lo"] {
        for path in ["/design", "/design/confirm", "/errors", "/errors/WEB-004", "/errors/acc-001", "/api"] {
            let answer = get(language, path).await;
            assert_eq!(answer.status, StatusCode::OK, "{path}");
            assert!(answer.text.contains(&format!("<html lang=\"{language}\"")), "{path}");
            check_markup(&answer.text);
        }
    }
}

#[tokio::test]
async fn a_refused_form_keeps_what_was_typed_and_says_what_is_wrong() {
    let answer = fetch("en", Request::post("/design"), "").await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    check_markup(&answer.text);
    assert!(answer.text.contains("value=\"ana\"") && answer.text.contains("aria-invalid=\"true\""));
    assert!(answer.text.contains("href=\"#f-mail\"") && answer.text.contains("id=\"f-mail-wrong\""));
}

#[test]
fn a_page_can_be_rendered_without_a_request() {
    let (kit, _) = kit(&[&SITE]);
    let ctx = kit.ctx(person("en", &["clerk"], None), "lo", "/notes/clear?a=1");
    assert_eq!((ctx.t("note-kept"), ctx.path()), ("ບັນທຶກແລ້ວ", "/notes/clear"));
    let nav: Vec<(&str, bool)> = ctx.nav().iter().map(|link| (link.href, link.current)).collect();
    assert_eq!(nav, [("/", false), ("/notes/clear", true)]);
    let elsewhere = kit.ctx(person("en", &["clerk"], None), "en", "/sweepings").crumb("home", "/");
    assert!(elsewhere.nav().iter().all(|link| !link.current), "the front page is everybody's");
    let led_through = elsewhere.crumb("notes", "/notes/clear").crumb_text("One", "/notes/clear/1");
    assert!(led_through.nav().iter().any(|link| link.current && link.href == "/notes/clear"), "its trail leads there");
    let hours = |hours| ctx.now() + std::time::Duration::from_hours(hours);
    assert_eq!(ctx.date(NOON).to_string().split('>').nth(1), Some("1 ມິຖຸນາ 2027</time"));
    assert!(ctx.away(hours(49)).as_str().contains("ອີກ 2 ມື້") && ctx.away(hours(2)).as_str().contains("ອີກ 2 ຊົ່ວໂມງ"));
    let stranger = kit.ctx(person("en", &[], None), "en", "/");
    assert_eq!(stranger.nav().len(), 1);
}

#[test]
fn an_entry_for_the_whole_tenant_is_not_shown_to_those_whose_role_holds_in_a_unit() {
    let unit = |scope| base::Grant { scope, ..grant("clerk") };
    for (scope, shown) in [(base::Scope::Tenant, 2), (base::Scope::Unit(TENANT.uuid()), 1)] {
        let (kit, _) = kit(&[&SITE]);
        let ctx = kit.ctx(granted("en", vec![unit(scope)], None), "en", "/");
        assert_eq!(ctx.nav().len(), shown, "{scope:?}");
    }
}

#[tokio::test]
async fn preferences_are_kept_and_lead_back_to_this_site_only() {
    let post = || {
        let request = Request::post("/preferences").header("sec-fetch-site", "same-origin");
        request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
    };
    let answer = fetch("en", post(), "language=lo&next=%2Fnotes").await;
    assert_eq!((answer.status, answer.header("location")), (StatusCode::SEE_OTHER, "/notes"));
    assert!(answer.header("set-cookie").starts_with("fpms_language=lo;"));
    let outside = fetch("en", post(), "theme=dark&next=%2F%2Fevil.example").await;
    assert_eq!(outside.header("location"), "/");
    assert!(outside.header("set-cookie").starts_with("fpms_theme=dark;"));
    let odd = fetch("en", post(), "language=fr&theme=%0d%0aX: y").await;
    assert!(odd.header("set-cookie").starts_with("fpms_theme=auto;"), "{}", odd.header("set-cookie"));
}

#[tokio::test]
async fn an_errors_page_is_whole_in_the_readers_language() {
    let (english, lao) = (get("en", "/errors/web-001").await.text, get("lo", "/errors/web-001").await.text);
    let code = crate::error::CODES.iter().find(|code| code.id == "WEB-001").unwrap();
    for (language, text) in [("en", &english), ("lo", &lao)] {
        let said = code.explanation_in(language);
        assert!(text.contains(code.title_in(language)), "{text}");
        assert!(said.lines().all(|line| text.contains(line)), "{text}");
    }
    let entry = get("en", "/errors/web-014").await.text;
    assert!(entry.contains("<h2>For programs</h2>") && entry.contains("The version in `If-Match`"), "{entry}");
    assert!(!lao.contains("<div class=\"prose\" lang="), "{lao}");
}

#[tokio::test]
async fn assets_are_kept_for_ever_under_their_own_address() {
    let page = get("en", "/errors").await.text;
    let address = page.split("href=\"").find(|rest| rest.contains("kit.css")).unwrap().split('"').next().unwrap();
    let asset = get("en", address).await;
    assert_eq!(asset.status, StatusCode::OK);
    assert!(
        asset.header("cache-control").contains("immutable") && asset.header("content-type").starts_with("text/css")
    );
    assert_eq!(get("en", "/assets/0000000000000000/kit.css").await.header("cache-control"), "no-cache");
    assert_eq!(get("en", "/assets/0/../kit.css").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn the_api_document_is_served_as_such() {
    let answer = get("en", "/api/openapi.json").await;
    assert_eq!(answer.json()["openapi"], "3.1.0");
    assert!(answer.header("content-type").starts_with("application/vnd.oai.openapi+json"));
}

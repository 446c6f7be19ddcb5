//! The three walks. Each returns what it did not expect.

use access::{NOBODY, SIGNED_IN};
use testkit::Answer;

use super::{
    bodies::Body,
    campus::{Campus, with_token},
    routes::{Route, all, ids_of_nothing},
};

/// Open to nobody in particular, by design. This list may only become shorter.
const PUBLIC: &[&str] = &[
    "POST /api/v1/session",
    "DELETE /api/v1/session",
    "DELETE /api/v1/sessions/{session}",
    "POST /api/v1/password-resets",
    "POST /api/v1/password-resets/chosen",
    "GET /sign-in",
    "POST /sign-in",
    "POST /sign-out",
    "GET /password/forgot",
    "POST /password/forgot",
    "GET /password/reset",
    "POST /password/reset",
    "GET /invitation",
    "POST /invitation",
    "POST /settings/sessions/end",
    "GET /errors",
    "GET /errors/{code}",
    "GET /api",
    "GET /api/openapi.json",
    "POST /preferences",
];

/// What anybody signed in may do to a thing that is not theirs. This list may only become shorter.
const SHARED: &[&str] = &[
    "GET /api/v1/cycles/{cycle}",
    "GET /api/v1/cycles/{cycle}/supervisors",
    "GET /api/v1/topics/{topic}",
    "GET /topics/{topic}",
];

/// What ends the walker's own session, and so comes last.
const ENDINGS: &[&str] = &["POST /sign-out", "POST /settings/sessions/end", "DELETE /api/v1/session"];

/// Nobody is asked to sign in: 401 by the API, by a page with a redirect.
pub(super) async fn as_nobody(campus: &Campus) -> Vec<String> {
    let visitor = &campus.nobody;
    let routes = all(&campus.app).await;
    let gone = |listed: &&&str| !routes.iter().any(|route| route.name() == **listed);
    let listed = [PUBLIC, SHARED, ENDINGS].concat();
    let mut found: Vec<String> = listed.iter().filter(gone).map(|name| format!("{name}: listed, but gone")).collect();
    for route in routes {
        let open = PUBLIC.contains(&route.name().as_str());
        if open != route.action.allow.meets(NOBODY) {
            found.push(format!("nobody: {}: listed as public {open}, by policy {}", route.name(), !open));
        }
        let answer = campus
            .ask(visitor, &route.method, &route.anyhow(&campus.ids), Body::of(&route, campus, visitor, &campus.ids))
            .await;
        let to_sign_in = answer.status == 303 && answer.location().starts_with("/sign-in");
        let refused = if route.is_api() { answer.status == 401 } else { to_sign_in };
        if answer.status.is_server_error() || (!open && !refused) {
            found.push(surprise("nobody", &route, &answer));
        }
    }
    found
}

/// Who holds no role is refused, unless the policy lets in anybody signed in; then it is only to what is theirs or shared.
pub(super) async fn as_the_weakest(campus: &Campus) -> Vec<String> {
    let visitor = &campus.weakest;
    let mut found = Vec::new();
    for route in in_order(campus).await {
        let path = route.anyhow(&campus.ids);
        let answer = campus.ask(visitor, &route.method, &path, Body::of(&route, campus, visitor, &campus.ids)).await;
        let named = route.to(&campus.ids).is_some();
        let shared = SHARED.contains(&route.name().as_str());
        let status = answer.status.as_u16();
        let expected = match (route.action.allow.meets(SIGNED_IN), named) {
            (true, false) => (status != 401 || route.action.allow.meets(NOBODY)) && status != 403,
            (true, true) if shared => answer.status.is_success(),
            _ => status == 403 || status == 404,
        };
        if !expected || answer.status.is_server_error() {
            found.push(surprise("weakest", &route, &answer));
        }
    }
    found
}

/// Who is everything in another university finds nothing of this one: not a thing, and not that there is one.
pub(super) async fn as_a_stranger(campus: &Campus) -> Vec<String> {
    let visitor = &campus.stranger;
    let nothing = ids_of_nothing(&campus.ids);
    let mut found = Vec::new();
    for route in in_order(campus).await {
        let (here, nowhere) =
            (Body::of(&route, campus, visitor, &campus.ids), Body::of(&route, campus, visitor, &nothing));
        let answer = campus.ask(visitor, &route.method, &route.anyhow(&campus.ids), here).await;
        if answer.status.is_server_error() || tells(&answer, campus) {
            found.push(surprise("stranger", &route, &answer));
        }
        let Some(path) = route.to(&nothing) else { continue };
        let other = campus.ask(visitor, &route.method, &path, nowhere).await;
        if answer.status != 404 {
            found.push(surprise("stranger", &route, &answer));
        }
        if answer.status != other.status || without_ids(&answer.body) != without_ids(&other.body) {
            found.push(format!(
                "{}\n  but of nothing: {} {}",
                surprise("stranger", &route, &answer),
                other.status,
                other.body
            ));
        }
    }
    found
}

/// A token that was given nothing of what there is may do nothing, whoever it acts for.
pub(super) async fn as_a_narrow_token(campus: &Campus) -> Vec<String> {
    let visitor = &campus.narrow;
    let mut found = Vec::new();
    for route in all(&campus.app).await.into_iter().filter(|route| with_token(&route.path)) {
        let body = Body::of(&route, campus, visitor, &campus.ids);
        let answer = campus.ask(visitor, &route.method, &route.anyhow(&campus.ids), body).await;
        if answer.status != 403 || !answer.body.contains("ACC-003") {
            found.push(surprise("narrow", &route, &answer));
        }
    }
    found
}

/// Every route, with those that end a session at the end.
async fn in_order(campus: &Campus) -> Vec<Route> {
    let mut routes = all(&campus.app).await;
    routes.sort_by_key(|route| ENDINGS.contains(&route.name().as_str()));
    routes
}

/// Returns whether an answer to somebody else speaks of a thing of the first university that was not in the question.
fn tells(answer: &Answer, campus: &Campus) -> bool {
    answer.status.is_success() && campus.ids.values().any(|id| answer.body.contains(id))
}

fn surprise(who: &str, route: &Route, answer: &Answer) -> String {
    let short: String = answer.body.chars().take(300).collect();
    let body = if answer.body.starts_with('{') { short } else { String::new() };
    format!("{who}: {} ({}): {} {} {body}", route.name(), route.action.name, answer.status, answer.location())
}

/// Returns the text with every id in it replaced, since each request has one of its own.
fn without_ids(text: &str) -> String {
    let mut kept = String::new();
    // What was done before, and is told on whichever page comes next, says nothing of this one.
    let text = text
        .lines()
        .filter(|line| !line.trim().is_empty() && !line.contains("class=\"toast\""))
        .collect::<Vec<_>>()
        .join("\n");
    let mut rest = text.as_str();
    while let Some(first) = rest.chars().next() {
        let is_id = rest.get(..36).is_some_and(|id| uuid::Uuid::try_parse(id).is_ok());
        let (shown, length) = if is_id { ("ID", 36) } else { (&rest[..first.len_utf8()], first.len_utf8()) };
        kept.push_str(shown);
        rest = &rest[length..];
    }
    kept
}

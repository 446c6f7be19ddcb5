//! The one endpoint that is no route of the gateway: it tells the gateway who a credential belongs to.
//!
//! Owns `POST /internal/caller`. Never answers without the installation's own key, and never passes the gateway, which
//! routes only the prefixes of the public service.

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing::post,
};
use crypto::{Keyring, Secret, digest};

use crate::{
    actions::identify::{self, Asked},
    actions::state::Identity,
};

/// Where the gateway asks.
pub const CALLER_PATH: &str = "/internal/caller";
/// The header that carries the installation's own key.
pub const KEY_HEADER: &str = "fpms-internal";

const KEY_PURPOSE: &str = "identity-internal";

/// Returns the key that the gateway shows; both derive it from the root secret.
pub fn shared_key(keyring: &Keyring) -> Secret {
    keyring.shared_secret(KEY_PURPOSE)
}

/// Returns the keys that are accepted: one for each root secret held.
pub(crate) fn accepted_keys(keyring: &Keyring) -> Vec<Secret> {
    keyring.shared_secrets(KEY_PURPOSE)
}

/// Returns the router to serve beside the service, outside the web kit.
pub fn router(identity: Identity) -> Router {
    Router::new().route(CALLER_PATH, post(caller)).with_state(identity)
}

async fn caller(State(identity): State<Identity>, headers: HeaderMap, body: Bytes) -> Response {
    let shown = headers.get(KEY_HEADER).map_or(&[][..], |value| value.as_bytes());
    if !identity.internal_keys().iter().any(|key| digest::equal(shown, key.expose().as_bytes())) {
        return StatusCode::NOT_FOUND.into_response();
    }
    let Ok(asked) = serde_json::from_slice::<Asked>(&body) else { return StatusCode::BAD_REQUEST.into_response() };
    let request = headers.get("x-request-id").and_then(|value| value.to_str().ok()?.parse().ok());
    let request = request.unwrap_or_else(|| identity.ambient().id());
    match identify::identify(&identity, asked, request).await {
        Ok(answer) => json(&answer),
        Err(error) => {
            tracing::error!(error.cause = %error, request.id = %request, "a credential could not be looked up");
            StatusCode::SERVICE_UNAVAILABLE.into_response()
        }
    }
}

fn json(answer: &identify::Answer) -> Response {
    match serde_json::to_vec(answer) {
        Ok(bytes) => {
            ([(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "no-store")], bytes).into_response()
        }
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

//! Where a request came from, and for which university it is.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use base::{Caller, TenantId, caller::Who};
use http::{HeaderMap, header, request::Parts};
use uuid::Uuid;

use crate::{Error, Identity, Result, actions::sign_in::Origin, model::device};

/// Most characters of an address that are kept.
const ADDRESS_CHARS_MAX: usize = 45;

impl<S: Sync> FromRequestParts<S> for Origin {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> std::result::Result<Self, Infallible> {
        let device = device::describe(text(&parts.headers, header::USER_AGENT.as_str()));
        Ok(Self { address: address(&parts.headers), device })
    }
}

/// The last address is the one that our own gateway saw; those before it are what the client says.
fn address(headers: &HeaderMap) -> String {
    let last = headers.get_all("x-forwarded-for").iter().next_back().and_then(|value| value.to_str().ok());
    let address = last.and_then(|list| list.rsplit(',').next()).unwrap_or_default();
    address.trim().chars().take(ADDRESS_CHARS_MAX).collect()
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

/// Returns the university that was chosen by its short name, or else the one that the request belongs to.
pub(crate) fn university(identity: &Identity, caller: &Caller, chosen: Option<&str>) -> Result<TenantId> {
    let directory = identity.db().directory();
    let tenant = match chosen.map(str::trim).filter(|slug| !slug.is_empty()) {
        Some(slug) => directory.by_slug(slug).ok_or(Error::UnknownUniversity),
        None => directory.tenant(caller.tenant()).ok_or(Error::UniversityWanted),
    };
    tenant.map(|tenant| tenant.id)
}

/// Returns the session that the caller uses now.
pub(crate) fn session(caller: &Caller) -> Option<Uuid> {
    match caller.who() {
        Who::Person(person) if person.scopes.is_none() => Some(person.credential),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn the_address_is_the_one_that_the_gateway_saw() {
        let mut headers = HeaderMap::new();
        assert_eq!(address(&headers), "");
        headers.insert("x-forwarded-for", HeaderValue::from_static("10.0.0.1, 192.0.2.7"));
        assert_eq!(address(&headers), "192.0.2.7");
    }
}

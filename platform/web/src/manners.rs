//! What operations of the API have in common, told in their description: keys, versions, and who asks.
//!
//! Handlers describe what is their own; this adds what the kit does for all of them, so that it cannot be forgotten.

use access::{ANYONE, Action};
use http::Method;
use utoipa::openapi::{
    Components, Header, HeaderBuilder, ObjectBuilder, OpenApi, RefOr, Required, SecurityRequirement, Server,
    path::{Operation, Parameter, ParameterBuilder, ParameterIn, PathItem},
    response::Response,
    schema::Type,
    security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme},
};

use crate::extract::ONCE_KEY_CHARS_MAX;

const TOKEN: &str = "token";
const SESSION: &str = "session";
const ETAG: &str = "ETag";
const VERSION_PATTERN: &str = "^\"v[0-9]+\"$";

/// Adds to the operations of a path what the kit does for them.
pub(crate) fn tell(item: &mut PathItem, action: Action) {
    let all = [
        (Method::GET, &mut item.get),
        (Method::PUT, &mut item.put),
        (Method::POST, &mut item.post),
        (Method::PATCH, &mut item.patch),
        (Method::DELETE, &mut item.delete),
    ];
    for (method, operation) in all {
        let Some(operation) = operation else { continue };
        if method == Method::POST {
            operation.parameters.get_or_insert_default().push(RefOr::T(once_key()));
        }
        if action.allow == ANYONE {
            operation.security = Some(Vec::new());
        }
        tell_version(operation);
    }
}

/// Says of the whole document where it holds and how one shows who one is: by a token, or by this cookie.
#[must_use]
pub fn whole(mut openapi: OpenApi, session_cookie: &str) -> OpenApi {
    let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).description(Some("An API token.")).build();
    let cookie = ApiKeyValue::with_description(session_cookie, "The session of a browser that signed in.");
    let components = openapi.components.get_or_insert_with(Components::new);
    components.add_security_scheme(TOKEN, SecurityScheme::Http(bearer));
    components.add_security_scheme(SESSION, SecurityScheme::ApiKey(ApiKey::Cookie(cookie)));
    let nothing = || std::iter::empty::<String>();
    openapi.security = Some([TOKEN, SESSION].map(|name| SecurityRequirement::new(name, nothing())).into());
    openapi.servers = Some(vec![Server::new("/")]);
    openapi
}

/// Returns the parameter `If-Match`.
pub(crate) fn if_match(required: Required) -> Parameter {
    ParameterBuilder::new()
        .name("If-Match")
        .parameter_in(ParameterIn::Header)
        .required(required)
        .description(Some("The ETag of what was read: another version now is 412, and nothing is changed."))
        .schema(Some(version()))
        .build()
}

fn once_key() -> Parameter {
    let schema = ObjectBuilder::new().schema_type(Type::String).pattern(Some("^[!-~]+$"));
    ParameterBuilder::new()
        .name("Idempotency-Key")
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .description(Some("A fresh key for each intention: a repetition with the same key has no further effect."))
        .schema(Some(schema.min_length(Some(1)).max_length(Some(ONCE_KEY_CHARS_MAX))))
        .build()
}

fn version() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String).pattern(Some(VERSION_PATTERN))
}

/// Says what the `ETag` is of those answers that are described as having one.
fn tell_version(operation: &mut Operation) {
    for response in operation.responses.responses.values_mut() {
        let RefOr::T(Response { headers, .. }) = response else { continue };
        if let Some(header) = headers.get_mut(ETAG) {
            *header = etag();
        }
    }
}

fn etag() -> RefOr<Header> {
    let description = "The version of what is answered; comes back in If-Match, or in If-None-Match.";
    RefOr::T(HeaderBuilder::new().schema(Some(version())).description(Some(description)).build())
}

//! The key-value store as Consul's clients use it: read, watched, written, deleted, on condition of an index.
//!
//! Owns the forms of requests and answers. Sessions, and so locks, are not offered.

use base64::{Engine, engine::general_purpose::STANDARD};
use http::{Method, Response, StatusCode, Uri};
use http_body_util::Full;
use serde_json::{Value, json};

use super::{
    Bytes, mark,
    query::{Query, Shape, decoded},
    respond, text,
};
use crate::{
    Error,
    registry::{
        Registry,
        pairs::{Change, Pair, Refused},
    },
};

/// Returns the key that a path of this API names; it may be empty where many are asked for.
pub(super) fn key(uri: &Uri) -> Option<Result<String, &'static str>> {
    let key = uri.path().strip_prefix("/v1/kv/").or_else(|| (uri.path() == "/v1/kv").then_some(""))?;
    // A plus is a space in a query alone.
    Some(decoded(&key.replace('+', "%2B")).ok_or("the key is not UTF-8, percent-encoded"))
}

/// Answers a request for a key.
pub(super) async fn answer(
    registry: &Registry,
    method: &Method,
    (key, uri): (&str, &Uri),
    body: &[u8],
) -> Response<Full<Bytes>> {
    let query = match Query::parse(uri.query().unwrap_or_default()) {
        Ok(query) => query,
        Err(refused) => return text(StatusCode::BAD_REQUEST, refused),
    };
    let outcome = match *method {
        Method::GET => return read(registry, key, &query).await,
        Method::PUT => {
            let change = Change::Put { value: body.to_vec(), flags: query.flags };
            registry.pairs.change(key, change, query.cas).await
        }
        _ if query.shape == Shape::All => delete_all(registry, key).await,
        _ => registry.pairs.change(key, Change::Delete, query.cas).await,
    };
    match outcome {
        Ok(made) => respond(None, &json!(made)),
        Err(Error::Pair(refused @ (Refused::Value | Refused::Full))) => {
            text(StatusCode::PAYLOAD_TOO_LARGE, refused.to_string())
        }
        Err(Error::Pair(refused)) => text(StatusCode::BAD_REQUEST, refused.to_string()),
        Err(error) => text(StatusCode::INTERNAL_SERVER_ERROR, runtime::chain(&error)),
    }
}

async fn delete_all(registry: &Registry, prefix: &str) -> Result<bool, Error> {
    for (key, _) in registry.pairs.under(prefix) {
        registry.pairs.change(&key, Change::Delete, None).await?;
    }
    Ok(true)
}

async fn read(registry: &Registry, key: &str, query: &Query) -> Response<Full<Bytes>> {
    let index = registry.pairs.wait_past(query.index, query.wait).await;
    let found = match query.shape {
        Shape::Pair | Shape::Value => registry.pairs.get(key).map(|pair| (key.to_owned(), pair)).into_iter().collect(),
        Shape::All | Shape::Names => registry.pairs.under(key),
    };
    match (found.first(), query.shape) {
        (None, _) => mark(text(StatusCode::NOT_FOUND, ""), Some(index)),
        (Some((_, pair)), Shape::Value) => mark(text(StatusCode::OK, pair.value.clone()), Some(index)),
        (_, Shape::Names) => respond(Some(index), &names(&found, key, query.separator.as_deref())),
        _ => respond(Some(index), &found.iter().map(|(key, pair)| whole(key, pair)).collect()),
    }
}

/// Returns the names below `prefix`, each only as far as the next separator.
fn names(found: &[(String, Pair)], prefix: &str, separator: Option<&str>) -> Value {
    let cut = |key: &str| {
        let separator = separator.filter(|separator| !separator.is_empty());
        let rest = key.get(prefix.len()..).unwrap_or_default();
        match separator.and_then(|separator| rest.find(separator).map(|at| prefix.len() + at + separator.len())) {
            Some(end) => key.get(..end).unwrap_or(key).to_owned(),
            None => key.to_owned(),
        }
    };
    let mut names: Vec<String> = found.iter().map(|(key, _)| cut(key)).collect();
    names.dedup();
    json!(names)
}

fn whole(key: &str, pair: &Pair) -> Value {
    let value = if pair.value.is_empty() { Value::Null } else { json!(STANDARD.encode(&pair.value)) };
    json!({
        "LockIndex": 0, "Key": key, "Flags": pair.flags, "Value": value,
        "CreateIndex": pair.create_index, "ModifyIndex": pair.modify_index,
    })
}

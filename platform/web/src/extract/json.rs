//! A JSON body, read strictly; and a JSON answer.

use axum::{
    extract::FromRequestParts,
    response::{IntoResponse, Response},
};
use base::FieldError;
use http::{header, request::Parts};
use serde::{Serialize, de::DeserializeOwned};

use super::{
    body, content_type,
    patient::Patient,
    wrong::{self, Mistakes, PASSES_MAX},
};
use crate::{Failure, Refusal, Result, strict_json};

const MEDIA: &str = "application/json";
/// Most bytes that are read in search of mistakes, all passes together.
const READ_BYTES_MAX: usize = 8 << 20;

/// A JSON body. As a result, a JSON answer.
#[derive(Debug, Clone, Copy)]
pub struct Json<T>(pub T);

impl<T: DeserializeOwned, S: Sync> FromRequestParts<S> for Json<T> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self> {
        let media = content_type(parts);
        if media != MEDIA && !media.ends_with("+json") {
            return Err(Refusal::UnsupportedMedia(MEDIA).into());
        }
        let bytes = body(parts)?;
        strict_json::check(&bytes).map_err(Refusal::UnreadableBody)?;
        serde_json::from_slice(&bytes).map(Self).map_err(|error| Failure::fields(mistakes::<T>(&bytes, &error)))
    }
}

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        match serde_json::to_vec(&self.0) {
            Ok(bytes) => ([(header::CONTENT_TYPE, MEDIA)], bytes).into_response(),
            Err(error) => Failure::internal(&error).into_response(),
        }
    }
}

/// Names every member at fault, in a second look at a body that could not be read.
fn mistakes<T: DeserializeOwned>(bytes: &[u8], error: &serde_json::Error) -> Vec<FieldError> {
    let Ok(value) = serde_json::from_slice(bytes) else { return vec![FieldError::new(".", "invalid")] };
    let read = |mistakes: &Mistakes| T::deserialize(Patient::new(&value, mistakes));
    let Err(first) = read(&Mistakes::default()) else {
        tracing::warn!(error.cause = %error, "a body was refused that reads well in a second look");
        return vec![FieldError::new(".", "invalid")];
    };
    wrong::all(first, (READ_BYTES_MAX / bytes.len().max(1)).clamp(1, PASSES_MAX), read)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;
    use serde::Deserialize;
    use serde_json::{Value, json};

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "snake_case")]
    #[expect(dead_code, reason = "only read")]
    enum Colour {
        Red,
        Blue { depth: u8 },
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only read")]
    struct Sample {
        title: String,
        weeks: u16,
        agreed: bool,
        id: base::PersonId,
        at: base::Timestamp,
        colour: Colour,
        inner: Inner,
        list: Vec<Inner>,
        pair: (u8, String),
        note: Option<String>,
        #[serde(default)]
        tags: Vec<String>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only read")]
    struct Inner {
        name: String,
        size: f64,
    }

    fn good() -> Value {
        json!({
            "title": "Rice", "weeks": 3, "agreed": true, "id": "00000000-0000-0000-0000-000000000007",
            "at": "2027-01-01T00:00:00Z", "colour": "red", "inner": {"name": "a", "size": 1.5},
            "list": [{"name": "a", "size": 1}, {"name": "b", "size": 2}], "pair": [1, "b"], "note": null, "tags": [],
        })
    }

    fn told(body: &Value) -> BTreeSet<(String, String)> {
        let bytes = serde_json::to_vec(body).unwrap();
        let error = serde_json::from_slice::<Sample>(&bytes).unwrap_err();
        mistakes::<Sample>(&bytes, &error).into_iter().map(|one| (one.field, one.reason)).collect()
    }

    /// Makes the mistake of this number; returns the field that it is in and its reason.
    fn mistake(body: &mut Value, number: usize) -> (&'static str, &'static str) {
        let all: [(&str, &str, &str, Option<Value>); 14] = [
            ("/title", "title", "invalid", Some(json!(1))),
            ("/weeks", "weeks", "invalid", Some(json!("x"))),
            ("/agreed", "agreed", "required", Some(Value::Null)),
            ("/id", "id", "invalid", Some(json!("seven"))),
            ("/at", "at", "required", None),
            ("/colour", "colour", "choice", Some(json!("pink"))),
            ("/inner/name", "inner.name", "required", None),
            ("/inner/size", "inner.size", "invalid", Some(json!([]))),
            ("/inner/extra", "inner.extra", "unknown", Some(json!(1))),
            ("/list/0/size", "list.0.size", "invalid", Some(json!("x"))),
            ("/list/1/name", "list.1.name", "required", None),
            ("/pair/1", "pair.1", "invalid", Some(json!(2))),
            ("/note", "note", "invalid", Some(json!(4))),
            ("/extra", "extra", "unknown", Some(json!({"a": 1}))),
        ];
        let (pointer, field, reason, value) = &all[number];
        let (parent, name) = pointer.rsplit_once('/').unwrap();
        match (body.pointer_mut(parent).unwrap(), value) {
            (Value::Object(members), Some(value)) => drop(members.insert((*name).to_owned(), value.clone())),
            (Value::Object(members), None) => drop(members.remove(name)),
            (Value::Array(items), value) => items[name.parse::<usize>().unwrap()] = value.clone().unwrap(),
            other => panic!("{other:?}"),
        }
        (field, reason)
    }

    proptest! {
        #[test]
        fn every_mistake_is_told_and_nothing_else(numbers in proptest::collection::btree_set(0_usize..14, 1..14)) {
            let mut body = good();
            let made: BTreeSet<(String, String)> = numbers
                .iter()
                .map(|number| mistake(&mut body, *number))
                .map(|(field, reason)| (field.to_owned(), reason.to_owned()))
                .collect();
            prop_assert_eq!(told(&body), made);
        }

        #[test]
        fn whatever_comes_is_told_within_bounds(text in "[\\[\\]{}:,\"a-c0-9 ]{0,40}") {
            if let Ok(value) = serde_json::from_str::<Value>(&text) {
                let count = told(&value).len();
                prop_assert!((1..=wrong::MISTAKES_MAX).contains(&count));
            }
        }
    }

    #[test]
    fn a_body_of_another_kind_is_wrong_as_a_whole() {
        assert_eq!(told(&json!([])), [(".".to_owned(), "invalid".to_owned())].into());
        assert_eq!(told(&json!("text")), [(".".to_owned(), "invalid".to_owned())].into());
    }

    #[test]
    fn what_is_wrong_inside_a_variant_is_named() {
        let mut body = good();
        body["colour"] = json!({"blue": {"depth": "x"}});
        assert_eq!(told(&body), [("colour.blue.depth".to_owned(), "invalid".to_owned())].into());
    }

    #[test]
    fn no_more_are_told_than_the_bound() {
        let mut body = good();
        for number in 0..50 {
            body[format!("more{number}")] = json!(1);
        }
        assert_eq!(told(&body).len(), wrong::MISTAKES_MAX);
    }
}

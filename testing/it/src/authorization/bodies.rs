//! What is sent along: bodies made from the API's own description, and the forms of the pages.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::{
    campus::{Campus, Visitor},
    routes::Route,
};

/// What a request carries.
#[derive(Debug, Clone)]
pub(super) enum Body {
    Nothing,
    Json(Value),
    Form(Vec<(String, String)>),
    File,
}

/// Fields of the forms of pages that take any, by path.
const FORMS: &[(&str, &str)] = &[
    ("/topics/{topic}/steps", "action=close&reason=It is over"),
    ("/topics/{topic}/return", "version=1&reason=It is too wide"),
    ("/cycles/{cycle}/steps", "action=close"),
    ("/cycles/{cycle}/milestones", "version=1"),
    ("/projects/{project}/approve", "version=1"),
    ("/projects/{project}/changes", "version=1&requests=Say more"),
    ("/projects/{project}/resubmit", "version=1&title_en=A title&summary=Words&methods=More words"),
    ("/projects/{project}/steps/{action}", "version=1&reason=A reason"),
    ("/projects/{project}/final", "version=1&ticket=TICKET"),
    ("/milestones/{milestone}/submit", "ticket=TICKET"),
    ("/milestones/{milestone}/review", "action=approve&version=1&feedback=Well done"),
    ("/people/{person}/change", "name=Ana&email=ana@first.example&language=en&version=1"),
    ("/people/{person}/roles", "role=student&unit=university"),
    (
        "/cycles/{cycle}/supervisors/new",
        "family_name=Vong&given_name=Mali&email=mali@first.example&supervise_max=1&chair_max=0&examine_max=0",
    ),
    ("/import/{import}/confirm", "mode=good_rows"),
    ("/milestone-templates/{template}/rename", "version=1&name=Two steps"),
    ("/milestone-templates/{template}/delete", "version=1"),
];

/// Actions of the operations that take one in their body, by path.
const STEPS: &[(&str, &str)] = &[
    ("/api/v1/cycles/{cycle}/steps", "close"),
    ("/api/v1/topics/{topic}/steps", "close"),
    ("/api/v1/projects/{project}/steps", "withdraw"),
    ("/api/v1/milestones/{milestone}/reviews", "approve"),
];

impl Body {
    /// Returns what `route` takes from `visitor`, with the ids that it speaks of.
    pub(super) fn of(route: &Route, campus: &Campus, visitor: &Visitor, ids: &BTreeMap<&'static str, String>) -> Self {
        if route.method == http::Method::GET {
            return Self::Nothing;
        }
        if !route.is_api() {
            let fields = FORMS.iter().find(|(path, _)| *path == route.path).map_or("", |(_, fields)| *fields);
            let pairs = fields.split('&').filter_map(|field| field.split_once('='));
            return Self::Form(
                pairs.map(|(name, value)| (name.to_owned(), value.replace("TICKET", &visitor.ticket))).collect(),
            );
        }
        let method = route.method.as_str().to_lowercase();
        let content = &campus.openapi["paths"][&route.path][&method]["requestBody"]["content"];
        match content.as_object().and_then(|kinds| kinds.keys().next()).map(String::as_str) {
            None => Self::Nothing,
            Some("application/json") => {
                let schema = &content["application/json"]["schema"];
                let step = STEPS.iter().find(|(path, _)| *path == route.path).map_or("none", |(_, step)| *step);
                Self::Json(Samples { openapi: &campus.openapi, ids, ticket: &visitor.ticket, step }.of("", schema))
            }
            Some(_) => Self::File,
        }
    }

    pub(super) fn into_request(self, request: reqwest::RequestBuilder) -> reqwest::RequestBuilder {
        match self {
            Self::Nothing => request,
            Self::Json(value) => request.json(&value),
            Self::Form(fields) => request.form(&fields),
            Self::File => request.header("content-type", "multipart/form-data; boundary=walk").body(
                "--walk\r\ncontent-disposition: form-data; name=\"file\"; filename=\"a.csv\"\r\ncontent-type: text/csv\r\n\r\na,b\r\n--walk--\r\n",
            ),
        }
    }
}

/// Makes values that a schema accepts, with nothing that it does not ask for.
struct Samples<'a> {
    openapi: &'a Value,
    ids: &'a BTreeMap<&'static str, String>,
    ticket: &'a str,
    step: &'a str,
}

impl Samples<'_> {
    fn of(&self, name: &str, schema: &Value) -> Value {
        if let Some(reference) = schema["$ref"].as_str() {
            let path = reference.trim_start_matches('#');
            return self.of(name, self.openapi.pointer(path).unwrap());
        }
        if let Some(first) = schema["enum"].as_array().and_then(|words| words.first()) {
            return first.clone();
        }
        for either in ["oneOf", "anyOf", "allOf"] {
            if let Some(some) = schema[either].as_array() {
                return self.of(name, some.iter().find(|one| one["type"] != "null").unwrap());
            }
        }
        match kind(schema) {
            "object" => self.object(schema),
            "array" => json!([self.of(name, &schema["items"])]),
            "integer" | "number" => json!(schema["minimum"].as_i64().unwrap_or(1).max(1)),
            "boolean" => json!(true),
            _ => json!(self.text(name, schema)),
        }
    }

    fn object(&self, schema: &Value) -> Value {
        let required: Vec<&str> =
            schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        let members = schema["properties"].as_object().into_iter().flatten();
        let members = members.filter(|(name, _)| required.contains(&name.as_str()));
        Value::Object(members.map(|(name, schema)| (name.clone(), self.of(name, schema))).collect::<Map<_, _>>())
    }

    fn text(&self, name: &str, schema: &Value) -> String {
        if let Some(id) = self.ids.get(name.trim_end_matches("_id")) {
            return id.clone();
        }
        match name {
            "action" => self.step,
            "ticket" => self.ticket,
            "email" => "somebody@first.example",
            "language" => "en",
            "role" => "student",
            "scopes" => "*",
            "starts_at" => "2027-09-01T00:00:00Z",
            "proposals_until_at" => "2027-11-01T00:00:00Z",
            "final_due_at" => "2028-05-01T00:00:00Z",
            "ends_at" => "2028-07-01T00:00:00Z",
            _ if schema["format"] == "date-time" => "2027-06-01T09:00:00Z",
            _ => "Words enough to be taken for a text",
        }
        .to_owned()
    }
}

fn kind(schema: &Value) -> &str {
    let kinds = schema["type"].as_array().into_iter().flatten().filter_map(Value::as_str);
    let named = kinds.chain(schema["type"].as_str()).find(|kind| *kind != "null");
    let shape = if schema["properties"].is_object() { "object" } else { "string" };
    named.unwrap_or(shape)
}

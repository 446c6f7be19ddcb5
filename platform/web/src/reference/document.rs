//! An OpenAPI document, made ready to be read by people.

use std::collections::BTreeMap;

use serde_json::Value;
use utoipa::openapi::OpenApi;

const METHODS: &[&str] = &["get", "post", "put", "patch", "delete"];

/// The whole document.
#[derive(Debug, Default)]
pub(super) struct Document {
    pub(super) groups: Vec<Group>,
    pub(super) schemas: Vec<Schema>,
}

/// Operations that belong together.
#[derive(Debug)]
pub(super) struct Group {
    pub(super) name: String,
    pub(super) operations: Vec<Operation>,
}

/// One method of one path.
#[derive(Debug)]
pub(super) struct Operation {
    pub(super) id: String,
    pub(super) method: String,
    pub(super) path: String,
    pub(super) summary: String,
    pub(super) description: String,
    pub(super) parameters: Vec<Member>,
    pub(super) body: Option<Kind>,
    pub(super) answers: Vec<Answer>,
}

/// A parameter, or a member of an object.
#[derive(Debug)]
pub(super) struct Member {
    pub(super) name: String,
    pub(super) place: String,
    pub(super) kind: Kind,
    pub(super) required: bool,
    pub(super) description: String,
}

/// What an operation answers.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: String,
    pub(super) description: String,
    pub(super) kind: Option<Kind>,
}

/// A named object.
#[derive(Debug)]
pub(super) struct Schema {
    pub(super) name: String,
    pub(super) description: String,
    pub(super) members: Vec<Member>,
    pub(super) kind: Kind,
}

/// A kind of value in words, with the schema that it names.
#[derive(Debug, Default)]
pub(super) struct Kind {
    pub(super) text: String,
    pub(super) schema: Option<String>,
}

impl Document {
    /// Reads the document.
    pub(super) fn of(openapi: &OpenApi) -> Self {
        let json = serde_json::to_value(openapi).unwrap_or_default();
        let mut groups: BTreeMap<String, Vec<Operation>> = BTreeMap::new();
        for (path, item) in members(&json, "paths") {
            for method in METHODS {
                let Some(operation) = item.get(*method) else { continue };
                let tag = operation.pointer("/tags/0").and_then(Value::as_str).unwrap_or("other");
                groups.entry(tag.to_owned()).or_default().push(Operation::read(method, path, operation));
            }
        }
        let groups = groups.into_iter().map(|(name, operations)| Group { name, operations }).collect();
        let schemas = json.pointer("/components").map(|components| members(components, "schemas")).unwrap_or_default();
        Self { groups, schemas: schemas.into_iter().map(|(name, schema)| Schema::read(name, schema)).collect() }
    }
}

impl Operation {
    fn read(method: &str, path: &str, json: &Value) -> Self {
        let parameters = list(json, "parameters").iter().map(Member::parameter).collect();
        let answers = members(json, "responses").into_iter().map(|(status, answer)| Answer {
            status: if status == "default" { "4xx, 5xx".to_owned() } else { status.to_owned() },
            description: text(answer, "description"),
            kind: content(answer),
        });
        Self {
            id: format!("{method}-{}", path.replace(['/', '{', '}'], "-")),
            method: method.to_uppercase(),
            path: path.to_owned(),
            summary: text(json, "summary"),
            description: text(json, "description"),
            parameters,
            body: json.get("requestBody").and_then(content),
            answers: answers.collect(),
        }
    }
}

impl Member {
    fn parameter(json: &Value) -> Self {
        Self {
            name: text(json, "name"),
            place: text(json, "in"),
            kind: json.get("schema").map(kind).unwrap_or_default(),
            required: json.get("required").and_then(Value::as_bool).unwrap_or_default(),
            description: text(json, "description"),
        }
    }
}

impl Schema {
    fn read(name: &str, json: &Value) -> Self {
        let required: Vec<&str> = list(json, "required").iter().filter_map(Value::as_str).collect();
        let member = |(name, json): (&str, &Value)| Member {
            name: name.to_owned(),
            place: String::new(),
            kind: kind(json),
            required: required.contains(&name),
            description: text(json, "description"),
        };
        Self {
            name: name.to_owned(),
            description: text(json, "description"),
            members: members(json, "properties").into_iter().map(member).collect(),
            kind: kind(json),
        }
    }
}

/// Says in words what a JSON schema allows.
fn kind(schema: &Value) -> Kind {
    if let Some(name) = schema.get("$ref").and_then(Value::as_str).and_then(|path| path.rsplit('/').next()) {
        return Kind { text: name.to_owned(), schema: Some(name.to_owned()) };
    }
    for (word, joint) in [("oneOf", " or "), ("anyOf", " or "), ("allOf", " and ")] {
        let kinds: Vec<Kind> = list(schema, word).iter().map(kind).filter(|kind| kind.text != "null").collect();
        if !kinds.is_empty() {
            let text = kinds.iter().map(|kind| kind.text.as_str()).collect::<Vec<_>>().join(joint);
            return Kind { text, schema: kinds.into_iter().find_map(|kind| kind.schema) };
        }
    }
    let choices: Vec<String> = list(schema, "enum").iter().map(ToString::to_string).collect();
    if !choices.is_empty() {
        return Kind { text: choices.join(" | "), schema: None };
    }
    if let Some(items) = schema.get("items") {
        let item = kind(items);
        return Kind { text: format!("list of {}", item.text), schema: item.schema };
    }
    Kind { text: plain(schema), schema: None }
}

fn plain(schema: &Value) -> String {
    let names: Vec<&str> = match schema.get("type") {
        Some(Value::String(name)) => vec![name],
        Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).filter(|name| *name != "null").collect(),
        _ => Vec::new(),
    };
    let name = if names.is_empty() { "any".to_owned() } else { names.join(" or ") };
    match schema.get("format").and_then(Value::as_str) {
        Some(format) => format!("{name} ({format})"),
        None => name,
    }
}

fn content(json: &Value) -> Option<Kind> {
    let (media, content) = members(json, "content").into_iter().next()?;
    let kind = content.get("schema").map(kind).unwrap_or_default();
    let text = if media == "application/json" { kind.text } else { format!("{} as {media}", kind.text) };
    Some(Kind { text, schema: kind.schema })
}

fn members<'a>(json: &'a Value, name: &str) -> Vec<(&'a str, &'a Value)> {
    let object = json.get(name).and_then(Value::as_object);
    object.map(|object| object.iter().map(|(name, value)| (name.as_str(), value)).collect()).unwrap_or_default()
}

fn list<'a>(json: &'a Value, name: &str) -> &'a [Value] {
    json.get(name).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

fn text(json: &Value, name: &str) -> String {
    // Doc comments mark code with backticks; the page has no use for them.
    json.get(name).and_then(Value::as_str).unwrap_or_default().replace('`', "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_is_read_into_groups_and_schemas() {
        let document = Document::of(&crate::tests::service().openapi);
        let operations: Vec<String> = document
            .groups
            .iter()
            .flat_map(|group| &group.operations)
            .map(|operation| format!("{} {} {}", operation.method, operation.path, operation.summary))
            .collect();
        assert!(operations.contains(&"GET /api/v1/notes List notes.".to_owned()), "{operations:?}");
        let note = document.schemas.iter().find(|schema| schema.name == "Note").unwrap();
        let weeks = note.members.iter().find(|member| member.name == "weeks").unwrap();
        assert!(weeks.required && weeks.kind.text.starts_with("integer"), "{weeks:?}");
    }

    #[test]
    fn kinds_are_said_in_words() {
        let check = |json: Value| kind(&json).text;
        assert_eq!(check(serde_json::json!({"type": ["string", "null"], "format": "uuid"})), "string (uuid)");
        assert_eq!(
            check(serde_json::json!({"type": "array", "items": {"$ref": "#/components/schemas/Note"}})),
            "list of Note"
        );
        assert_eq!(check(serde_json::json!({"oneOf": [{"type": "null"}, {"$ref": "#/x/Note"}]})), "Note");
        assert_eq!(check(serde_json::json!({"enum": ["open", "full"]})), "\"open\" | \"full\"");
        assert_eq!(check(serde_json::json!({})), "any");
    }
}

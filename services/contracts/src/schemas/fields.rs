//! The fields of an event, in words for people. Start reading at [`of`].

use serde_json::Value;

use super::compatibility::{list, requires, resolve};

/// Deepest nesting that is shown.
const DEPTH_MAX: usize = 8;

/// A field of an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// Its place: `card.members`.
    pub name: String,
    /// What kind of value it has.
    pub kind: String,
    /// Whether it is always there.
    pub required: bool,
    /// What it means.
    pub description: String,
}

/// Returns the fields of an event's schema, those of its parts below them.
pub fn of(schema: &Value) -> Vec<Field> {
    let mut fields = Vec::new();
    collect(schema, schema, "", &mut fields, 0);
    fields
}

fn collect(root: &Value, schema: &Value, path: &str, fields: &mut Vec<Field>, depth: usize) {
    let members = schema.get("properties").and_then(Value::as_object).filter(|_| depth < DEPTH_MAX);
    for (name, member) in members.into_iter().flatten() {
        let (full, found) = (format!("{path}{name}"), resolve(root, member));
        let described = [member, found].into_iter().find_map(|part| part.get("description")?.as_str());
        fields.push(Field {
            name: full.clone(),
            kind: kind(root, found, depth),
            required: requires(schema, name),
            description: described.unwrap_or_default().to_owned(),
        });
        let items = found.get("items").map(|items| resolve(root, items));
        collect(root, items.unwrap_or(found), &format!("{full}."), fields, depth + 1);
    }
}

fn kind(root: &Value, schema: &Value, depth: usize) -> String {
    let schema = resolve(root, schema);
    let choices: Vec<&Value> = ["oneOf", "anyOf"].into_iter().flat_map(|word| list(schema, word)).collect();
    if depth > DEPTH_MAX {
        return String::new();
    }
    if !choices.is_empty() {
        return choices.into_iter().map(|choice| kind(root, choice, depth + 1)).collect::<Vec<_>>().join(" or ");
    }
    let values: Vec<String> = list(schema, "enum").iter().map(Value::to_string).collect();
    if !values.is_empty() {
        return values.join(" or ");
    }
    if let Some(items) = schema.get("items") {
        return format!("list of {}", kind(root, items, depth + 1));
    }
    let kinds = match schema.get("type") {
        Some(Value::Array(kinds)) => kinds.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" or "),
        Some(Value::String(kind)) => kind.clone(),
        _ => "anything".to_owned(),
    };
    match schema.get("format").and_then(Value::as_str) {
        Some(format) => format!("{kinds} ({format})"),
        None => kinds,
    }
}

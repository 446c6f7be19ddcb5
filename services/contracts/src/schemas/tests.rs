//! The rules of compatibility, and the examples of every version.

use serde_json::{Value, json};

use super::{
    EVENT_TYPES, EventType,
    compatibility::breaks,
    fields,
    history::{Problem, next},
};

/// What a change of `before` to `after` breaks, line by line.
fn check(before: Value, after: Value, expected: &[&str]) {
    let of =
        |properties: Value, required: Value| json!({"type": "object", "properties": properties, "required": required});
    let split = |mut schema: Value| of(schema["p"].take(), schema["r"].take());
    let found: Vec<String> = breaks(&split(before), &split(after)).iter().map(ToString::to_string).collect();
    assert_eq!(found, expected);
}

fn text() -> Value {
    json!({"type": "string"})
}

#[test]
fn a_field_may_be_added_when_it_can_be_absent_and_words_may_change() {
    let described = json!({"type": "string", "description": "more"});
    check(json!({"p": {"a": text()}, "r": ["a"]}), json!({"p": {"a": described, "b": text()}, "r": ["a"]}), &[]);
}

#[test]
fn what_stored_events_or_older_consumers_cannot_follow_is_named() {
    let before = json!({"p": {"a": text()}, "r": ["a"]});
    let removed = ["field `a` was removed: older consumers cannot read it"];
    check(before.clone(), json!({"p": {}, "r": []}), &removed);
    let required = ["field `b` is required and was not: stored events cannot be read"];
    check(before.clone(), json!({"p": {"a": text(), "b": text()}, "r": ["a", "b"]}), &required);
    let optional = ["field `a` was required and can be absent: older consumers cannot read it"];
    check(before.clone(), json!({"p": {"a": text()}, "r": []}), &optional);
    let other =
        ["field `a` was string and is integer (int64): neither stored events nor older consumers can be served"];
    check(before.clone(), json!({"p": {"a": {"type": "integer", "format": "int64"}}, "r": ["a"]}), &other);
    let null = ["field `a` got the value `null`: older consumers cannot read it"];
    check(before, json!({"p": {"a": {"type": ["string", "null"]}}, "r": ["a"]}), &null);
}

#[test]
fn values_of_an_enumeration_are_compared_wherever_they_stand() {
    let of =
        |values: &[&str]| json!({"p": {"a": {"type": "array", "items": {"type": "string", "enum": values}}}, "r": []});
    let expected = [
        "field `a[]` lost the value `y`: stored events cannot be read",
        "field `a[]` got the value `z`: older consumers cannot read it",
    ];
    check(of(&["x", "y"]), of(&["x", "z"]), &expected);
    let unit = json!({"type": "object", "properties": {"unit": text()}, "required": ["unit"]});
    let all = json!({"type": "string", "enum": ["tenant"]});
    let choice = |choices: &[&Value]| json!({"p": {"a": {"oneOf": choices}}, "r": []});
    let lost = ["field `a` lost the value `unit`: stored events cannot be read"];
    check(
        choice(&[&unit, &all]),
        choice(&[&all, &json!({"type": "null"})]),
        &[lost[0], "field `a` got the value `null`: older consumers cannot read it"],
    );
    check(choice(&[&unit, &all]), choice(&[&all, &unit]), &[]);
}

#[test]
fn every_version_has_an_example_that_still_loads_and_the_last_is_whole() {
    for event_type in EVENT_TYPES {
        for (version, example) in (1..).zip(event_type.examples) {
            let read = event_type.read(example);
            let read = read.unwrap_or_else(|error| panic!("{} version {version}: {error}", event_type.name));
            if version == event_type.version() {
                let whole: Value = serde_json::from_str(example).unwrap();
                assert_eq!(read, whole, "{} version {version}", event_type.name);
                let missing: Vec<_> =
                    top_level(&event_type.schema()).filter(|name| whole.get(name).is_none()).collect();
                assert!(missing.is_empty(), "the example of {} lacks {missing:?}", event_type.name);
            }
        }
    }
}

/// The fields of the event itself, but those that are no longer written.
fn top_level(schema: &Value) -> impl Iterator<Item = String> {
    let fields = fields::of(schema).into_iter().filter(|field| !field.name.contains('.'));
    fields.filter(|field| field.name != "link").map(|field| field.name)
}

#[test]
fn every_type_of_event_has_a_row() {
    let sources = [
        include_str!("../events/files.rs"),
        include_str!("../events/identity.rs"),
        include_str!("../events/installation.rs"),
        include_str!("../events/people.rs"),
        include_str!("../events/projects.rs"),
    ];
    let is_type = |text: &&str| {
        text.split('.').count() == 3 && text.bytes().all(|b| b.is_ascii_lowercase() || b"._".contains(&b))
    };
    let mut written: Vec<&str> =
        sources.iter().flat_map(|source| source.split('"').skip(1).step_by(2)).filter(is_type).collect();
    let mut rows: Vec<&str> = EVENT_TYPES.iter().map(|event_type| event_type.name).collect();
    written.sort_unstable();
    rows.sort_unstable();
    assert_eq!(rows, written);
}

fn event_type(examples: &'static [&'static str], upcast: &'static [usize]) -> EventType {
    let row = EVENT_TYPES.iter().find(|row| row.name == "files.file.claimed").unwrap();
    EventType { name: row.name, examples, upcast, schema: row.schema, read: row.read }
}

#[test]
fn a_page_grows_with_each_version_and_forgets_none() {
    let first = next(&event_type(&["{}"], &[]), None).unwrap();
    assert_eq!(next(&event_type(&["{}"], &[]), Some(&first)).unwrap(), first);
    let second = next(&event_type(&["{}", "{}"], &[]), Some(&first)).unwrap();
    assert_eq!((second["version"].clone(), second["versions"].as_array().unwrap().len()), (json!(2), 2));
    assert_eq!(second["versions"][0], first["versions"][0]);
    for (kept, examples) in [(Some(&second), &["{}"] as &[&str]), (None, &["{}", "{}"])] {
        let problems = next(&event_type(examples, &[]), kept).unwrap_err();
        assert!(matches!(problems[..], [Problem::Examples { .. }]), "{problems:?}");
    }
}

#[test]
fn a_change_without_a_version_and_one_that_breaks_are_refused_and_an_upcast_is_believed() {
    let page = next(&event_type(&["{}"], &[]), None).unwrap();
    let mut less = page.clone();
    less["versions"][0]["properties"].as_object_mut().unwrap().remove("submission");
    let problems = next(&event_type(&["{}"], &[]), Some(&less)).unwrap_err();
    assert_eq!(
        problems[0].to_string(),
        "`files.file.claimed` differs from its version 1: field `submission` is required and was not: stored events cannot be read"
    );
    assert!(problems[0].hint().contains("upcast"));
    next(&event_type(&["{}", "{}"], &[1]), Some(&less)).unwrap();
    let harmless = next(&event_type(&["{}"], &[1]), Some(&less)).unwrap_err();
    assert!(matches!(harmless[..], [Problem::Unversioned { .. }]), "{harmless:?}");

    let mut more = page;
    more["versions"][0]["properties"]["shelf"] = text();
    let problems = next(&event_type(&["{}", "{}"], &[1]), Some(&more)).unwrap_err();
    assert!(problems[0].to_string().contains("field `shelf` was removed") && problems[0].hint().contains("new type"));
}

#[test]
fn descriptions_hold_no_links_into_the_code() {
    for event_type in EVENT_TYPES {
        let schema = event_type.schema().to_string();
        assert!(!schema.contains("](") && !schema.contains("\\n"), "{schema}");
    }
    let role = fields::of(&super::find("identity.membership.changed").unwrap().schema());
    let role = role.into_iter().find(|field| field.name == "role").unwrap();
    assert_eq!((role.description.as_str(), role.kind.as_str()), ("A name of roles::names.", "string"));
}

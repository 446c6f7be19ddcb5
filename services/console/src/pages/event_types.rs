//! The types of event there are, with their fields: for whoever reads the bus. They hold nothing of any university.

use askama::Template;
use axum::response::{IntoResponse, Response};
use serde_json::Value;

use contracts::schemas::{
    EVENT_TYPES, EventType,
    fields::{self, Field},
};
use web::{
    Ctx,
    extract::{Json, Signed},
};

use crate::policy::{self, permit};

#[derive(Template)]
#[template(path = "event_types.html")]
struct EventTypesPage {
    ctx: Ctx,
    types: Vec<TypeCard>,
}

/// A type of event as it is shown.
struct TypeCard {
    name: &'static str,
    version: usize,
    description: String,
    fields: Vec<Field>,
    example: &'static str,
}

impl From<&EventType> for TypeCard {
    fn from(event_type: &EventType) -> Self {
        let schema = event_type.schema();
        Self {
            name: event_type.name,
            version: event_type.version(),
            description: schema.get("description").and_then(Value::as_str).unwrap_or_default().to_owned(),
            fields: fields::of(&schema),
            example: event_type.examples.last().copied().unwrap_or_default(),
        }
    }
}

pub(crate) async fn list(Signed(caller): Signed, ctx: Ctx) -> web::Result<Response> {
    permit(&policy::LIST_EVENT_TYPES, &caller, ctx.now())?;
    let types = EVENT_TYPES.iter().map(TypeCard::from).collect();
    web::html(&EventTypesPage { ctx: ctx.title("console-event-types").crumb("home", "/"), types })
}

/// Answers with the JSON Schema of each type, by its name.
pub(crate) async fn schemas(Signed(caller): Signed, ctx: Ctx) -> web::Result<Response> {
    permit(&policy::LIST_EVENT_TYPES, &caller, ctx.now())?;
    let schemas = EVENT_TYPES.iter().map(|event_type| (event_type.name.to_owned(), event_type.schema()));
    Ok(Json(Value::Object(schemas.collect())).into_response())
}

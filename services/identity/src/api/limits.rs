//! The limits of the model as the API's document says them: from the very numbers that the model checks by.

use base::schema::{line, optional_prose, prose, whole};
use utoipa::openapi::{
    Array, KnownFormat, ObjectBuilder, SchemaFormat,
    schema::{ArrayBuilder, SchemaType, Type},
};

use crate::model::{
    api_token::{self, DAYS_MAX, SCOPES_MAX},
    email::EMAIL_CHARS_MAX,
    password_rules::{CHARS_MAX, CHARS_MIN},
    person::{NAME_CHARS_MAX, NUMBER_CHARS_MAX, NUMBERS_MAX},
};

pub(super) fn token_name() -> ObjectBuilder {
    line(api_token::NAME_CHARS_MAX)
}

pub(super) fn token_days() -> ObjectBuilder {
    whole(1, DAYS_MAX.into()).description(Some("Days until it ends."))
}

pub(super) fn token_scopes() -> Array {
    let scope = ObjectBuilder::new().schema_type(Type::String);
    let what = "What it may be used for: `*`, `projects.*`, `projects.read`, `projects.topic.read`.";
    ArrayBuilder::new().items(scope).min_items(Some(1)).max_items(Some(SCOPES_MAX)).description(Some(what)).build()
}

pub(super) fn email() -> ObjectBuilder {
    prose(EMAIL_CHARS_MAX)
}

pub(super) fn changed_email() -> ObjectBuilder {
    optional_prose(EMAIL_CHARS_MAX).description(Some("An empty text takes the address away."))
}

pub(super) fn name() -> ObjectBuilder {
    prose(NAME_CHARS_MAX)
}

pub(super) fn full_name() -> ObjectBuilder {
    name().description(Some("The full name; made of the other two when absent."))
}

pub(super) fn changed_name() -> ObjectBuilder {
    optional_prose(NAME_CHARS_MAX)
}

pub(super) fn numbers() -> Array {
    all_numbers().description(Some("Student number, staff number.")).build()
}

pub(super) fn changed_numbers() -> Array {
    all_numbers().schema_type(SchemaType::from_iter([Type::Array, Type::Null])).build()
}

fn all_numbers() -> ArrayBuilder {
    ArrayBuilder::new().items(line(NUMBER_CHARS_MAX)).max_items(Some(NUMBERS_MAX))
}

/// A password to be chosen; one to be checked has no limits, so that they are not told to who guesses.
pub(super) fn new_password() -> ObjectBuilder {
    let format = SchemaFormat::KnownFormat(KnownFormat::Password);
    prose(CHARS_MAX).min_length(Some(CHARS_MIN)).format(Some(format))
}

//! What the shared words look like in JSON, for those who describe their own types with them.

use utoipa::openapi::{
    KnownFormat, ObjectBuilder, RefOr, Schema, SchemaFormat,
    schema::{SchemaType, Type},
};

use crate::{PersonId, RequestId, TenantId, Timestamp};

/// Returns the schema of a text in this format.
pub fn text(format: KnownFormat) -> RefOr<Schema> {
    ObjectBuilder::new().schema_type(Type::String).format(Some(SchemaFormat::KnownFormat(format))).into()
}

/// Returns the schema of a whole number from `min` to `max`.
pub fn whole(min: u32, max: u32) -> ObjectBuilder {
    let format = SchemaFormat::KnownFormat(KnownFormat::Int32);
    ObjectBuilder::new().schema_type(Type::Integer).format(Some(format)).minimum(Some(min)).maximum(Some(max))
}

/// Returns the schema of a line that says something, as [`text::line`](crate::text::line) reads it.
pub fn line(chars_max: usize) -> ObjectBuilder {
    prose(chars_max).min_length(Some(1))
}

/// Returns the schema of a text that may be empty, as [`text::prose`](crate::text::prose) reads it.
pub fn prose(chars_max: usize) -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String).max_length(Some(chars_max))
}

/// Returns the schema of a text that may be empty, or not given.
pub fn optional_prose(chars_max: usize) -> ObjectBuilder {
    prose(chars_max).schema_type(SchemaType::from_iter([Type::String, Type::Null]))
}

/// Declares types that are written as texts of a format: `text_schemas!(Uuid: PersonId, TenantId)`.
#[macro_export]
macro_rules! text_schemas {
    ($format:ident: $($name:ident),+ $(,)?) => {$(
        impl ::utoipa::PartialSchema for $name {
            fn schema() -> ::utoipa::openapi::RefOr<::utoipa::openapi::Schema> {
                $crate::schema::text(::utoipa::openapi::KnownFormat::$format)
            }
        }

        impl ::utoipa::ToSchema for $name {
            fn name() -> ::std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }
        }
    )+};
}

text_schemas!(Uuid: PersonId, RequestId, TenantId);
text_schemas!(DateTime: Timestamp);

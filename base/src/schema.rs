//! What the shared words look like in JSON, for those who describe their own types with them.

use utoipa::openapi::{KnownFormat, ObjectBuilder, RefOr, Schema, SchemaFormat, schema::Type};

use crate::{PersonId, RequestId, TenantId, Timestamp};

/// Returns the schema of a text in this format.
pub fn text(format: KnownFormat) -> RefOr<Schema> {
    ObjectBuilder::new().schema_type(Type::String).format(Some(SchemaFormat::KnownFormat(format))).into()
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

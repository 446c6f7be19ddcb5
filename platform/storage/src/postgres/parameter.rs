//! Portable values in PostgreSQL's binary form.

use std::error::Error as StdError;

use bytes::BytesMut;
use tokio_postgres::types::{FromSql, IsNull, ToSql, Type, to_sql_checked};

use base::Value;

use super::is_portable;

type Outcome<T> = Result<T, Box<dyn StdError + Sync + Send>>;

/// A parameter on its way out.
#[derive(Debug)]
pub(super) struct Parameter<'a>(pub(super) &'a Value<'a>);

impl ToSql for Parameter<'_> {
    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> Outcome<IsNull> {
        match (*self.0, ty) {
            (Value::Null, _) => Ok(IsNull::Yes),
            (Value::Bool(truth), &Type::BOOL) => truth.to_sql(ty, out),
            (Value::Int(number), &Type::INT8) => number.to_sql(ty, out),
            (Value::Int(number), &Type::INT4) => i32::try_from(number)?.to_sql(ty, out),
            (Value::Int(number), &Type::INT2) => i16::try_from(number)?.to_sql(ty, out),
            (Value::Float(number), &Type::FLOAT8) => number.to_sql(ty, out),
            (Value::Text(text), &Type::TEXT | &Type::VARCHAR) => text.to_sql(ty, out),
            (Value::Bytes(bytes), &Type::BYTEA) => bytes.to_sql(ty, out),
            (Value::Id(uuid), &Type::BYTEA) => uuid.as_bytes().as_slice().to_sql(ty, out),
            (value, ty) => Err(format!("a {} was given where PostgreSQL expects {ty}", name(&value)).into()),
        }
    }

    fn accepts(ty: &Type) -> bool {
        is_portable(ty)
    }

    to_sql_checked!();
}

fn name(value: &Value<'_>) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Int(_) => "integer",
        Value::Float(_) => "double",
        Value::Text(_) => "text",
        Value::Bytes(_) => "byte string",
        Value::Id(_) => "id",
    }
}

/// A column on its way in.
pub(super) struct Raw<'a>(pub(super) Value<'a>);

impl<'a> FromSql<'a> for Raw<'a> {
    fn from_sql(ty: &Type, raw: &'a [u8]) -> Outcome<Self> {
        Ok(Self(match *ty {
            Type::BOOL => Value::Bool(bool::from_sql(ty, raw)?),
            Type::INT8 => Value::Int(i64::from_sql(ty, raw)?),
            Type::INT4 => Value::Int(i64::from(i32::from_sql(ty, raw)?)),
            Type::INT2 => Value::Int(i64::from(i16::from_sql(ty, raw)?)),
            Type::FLOAT8 => Value::Float(f64::from_sql(ty, raw)?),
            Type::BYTEA => Value::Bytes(<&[u8]>::from_sql(ty, raw)?),
            _ => Value::Text(<&str>::from_sql(ty, raw)?),
        }))
    }

    fn from_sql_null(_: &Type) -> Outcome<Self> {
        Ok(Self(Value::Null))
    }

    fn accepts(ty: &Type) -> bool {
        is_portable(ty)
    }
}

//! Typed identifiers: every id is a UUIDv7 in a newtype of its own, made by the [`id!`](crate::id) macro.

use std::{fmt, hash::Hash, str::FromStr};

use uuid::Uuid;

/// What every typed id can do; lets [`Ambient::id`](crate::Ambient::id) make any of them.
pub trait Id: Copy + Eq + Ord + Hash + fmt::Display + FromStr<Err = InvalidId> + From<Uuid> + Send + Sync {
    /// Returns the sixteen bytes behind the id.
    fn uuid(self) -> Uuid;
}

/// The text given is not an id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an id of the form xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx")]
pub struct InvalidId;

/// Declares an id type: `id!(/// An invoice. InvoiceId)`.
#[macro_export]
macro_rules! id {
    ($(#[$meta:meta])* $name:ident) => {
        $(#[$meta])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, ::serde::Serialize, ::serde::Deserialize)]
        #[serde(transparent)]
        pub struct $name(::uuid::Uuid);

        impl $name {
            /// Returns the id with these bits; for constants and tests.
            pub const fn from_u128(bits: u128) -> Self {
                Self(::uuid::Uuid::from_u128(bits))
            }
        }

        impl $crate::ids::Id for $name {
            fn uuid(self) -> ::uuid::Uuid {
                self.0
            }
        }

        impl From<::uuid::Uuid> for $name {
            fn from(uuid: ::uuid::Uuid) -> Self {
                Self(uuid)
            }
        }

        impl From<$name> for $crate::Value<'_> {
            fn from(id: $name) -> Self {
                Self::Id(id.0)
            }
        }

        impl $crate::Column for $name {
            fn from_value(value: $crate::Value<'_>) -> Option<Self> {
                <::uuid::Uuid as $crate::Column>::from_value(value).map(Self)
            }
        }

        impl ::std::str::FromStr for $name {
            type Err = $crate::ids::InvalidId;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                // Only the hyphenated form: one id has one spelling, in addresses and in logs.
                if text.len() != 36 {
                    return Err($crate::ids::InvalidId);
                }
                ::uuid::Uuid::parse_str(text).map(Self).map_err(|_| $crate::ids::InvalidId)
            }
        }

        impl ::std::fmt::Display for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                ::std::fmt::Display::fmt(&self.0.as_hyphenated(), f)
            }
        }

        impl ::std::fmt::Debug for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.0.as_hyphenated())
            }
        }
    };
}

id!(
    /// A customer of the installation, isolated from every other.
    TenantId
);
id!(
    /// A human being within a tenant.
    PersonId
);
id!(
    /// One request from outside, and everything done on its behalf.
    RequestId
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_has_one_spelling() {
        let id = TenantId::from_u128(7);
        assert_eq!(id.to_string().parse(), Ok(id));
        assert_eq!("00000000000000000000000000000007".parse::<TenantId>(), Err(InvalidId));
        assert_eq!("{00000000-0000-0000-0000-000000000007}".parse::<TenantId>(), Err(InvalidId));
    }
}

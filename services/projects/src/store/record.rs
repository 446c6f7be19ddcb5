//! Rows as structs: the columns of a statement, from left to right, are the fields from top to bottom.

/// Declares a struct and how it is read from a row.
macro_rules! record {
    ($(#[$meta:meta])* $name:ident { $($field:ident: $type:ty,)+ }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub struct $name {
            $(pub $field: $type,)+
        }

        impl storage::Decode for $name {
            fn decode(row: &mut storage::Row<'_>) -> storage::Result<Self> {
                Ok(Self { $($field: row.take()?,)+ })
            }
        }
    };
}

pub(crate) use record;

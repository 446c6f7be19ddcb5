//! Where a page of a list starts: the sort key and the id of the last row of the page before.

use base::{Id, PageRequest};
use uuid::Uuid;

/// A place in a list ordered by a text and an id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct After {
    pub(super) sort: String,
    pub(super) id: Uuid,
}

impl After {
    /// Returns the place that the request names; a page that starts nowhere known starts at the beginning.
    pub(super) fn of(request: &PageRequest) -> Self {
        Self::named(request).unwrap_or(Self { sort: String::new(), id: Uuid::nil() })
    }

    /// Returns the place that the request names in a list that goes down, which begins after everything there can be.
    pub(super) fn down(request: &PageRequest) -> Self {
        Self::named(request).unwrap_or_else(|| Self { sort: char::MAX.to_string(), id: Uuid::max() })
    }

    fn named(request: &PageRequest) -> Option<Self> {
        let (id, sort) = request.after.as_deref()?.split_once(' ')?;
        Some(Self { sort: sort.to_owned(), id: id.parse().ok()? })
    }
}

/// Returns the key of a row, for [`After::of`] to read.
pub(super) fn key(sort: &str, id: impl Id) -> String {
    format!("{} {sort}", id.uuid())
}

#[cfg(test)]
mod tests {
    use base::PersonId;

    use super::*;

    #[test]
    fn a_key_comes_back_whatever_the_text() {
        let id = PersonId::from_u128(9);
        for sort in ["T001", "", "two words", "ຫົວຂໍ້"] {
            let request = PageRequest { limit: 5, after: Some(key(sort, id)) };
            assert_eq!(After::of(&request), After { sort: sort.to_owned(), id: id.uuid() });
        }
    }
}

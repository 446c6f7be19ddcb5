//! Paging by cursor: a page, and what to ask for to get the next.

use serde::Serialize;

/// Most items that one page may hold.
pub const PAGE_ITEMS_MAX: u32 = 200;
/// Items of a page when nothing is asked.
pub const PAGE_ITEMS_DEFAULT: u32 = 50;

/// A page of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Page<T> {
    /// The items, in the list's order.
    pub items: Vec<T>,
    /// Where the next page starts; `None` on the last.
    pub next: Option<String>,
}

impl<T> Page<T> {
    /// Cuts a page from `items`, which were asked for with one more than the page holds ([`PageRequest::fetch`]).
    pub fn cut(mut items: Vec<T>, request: &PageRequest, key: impl FnOnce(&T) -> String) -> Self {
        let limit = request.limit as usize;
        let more = items.len() > limit;
        items.truncate(limit);
        let next = if more { items.last().map(key) } else { None };
        Self { items, next }
    }

    /// Returns the page with each item changed by `change`.
    pub fn map<U>(self, change: impl FnMut(T) -> U) -> Page<U> {
        Page { items: self.items.into_iter().map(change).collect(), next: self.next }
    }
}

/// Which page is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct PageRequest {
    /// Items wanted, from 1 to [`PAGE_ITEMS_MAX`].
    pub limit: u32,
    /// The key after which to start: `next` of the page before, opened and checked by the web kit.
    pub after: Option<String>,
}

impl PageRequest {
    /// Returns the first page of at most `limit` items.
    pub fn first(limit: u32) -> Self {
        Self { limit: limit.clamp(1, PAGE_ITEMS_MAX), after: None }
    }

    /// Returns how many rows to read: one more than the page, to learn whether another follows.
    pub fn fetch(&self) -> i64 {
        i64::from(self.limit) + 1
    }
}

impl Default for PageRequest {
    fn default() -> Self {
        Self::first(PAGE_ITEMS_DEFAULT)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_says_whether_another_follows() {
        let request = PageRequest::first(2);
        assert_eq!(Page::cut(vec![1, 2, 3], &request, ToString::to_string).next, Some("2".to_owned()));
        assert_eq!(Page::cut(vec![1, 2], &request, ToString::to_string).next, None);
    }
}

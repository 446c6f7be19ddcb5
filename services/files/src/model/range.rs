//! Which part of a file a request asks for (RFC 9110, section 14).

use std::ops::Range;

/// What is to be answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    /// All of it.
    Whole,
    /// This part.
    Part(Range<u64>),
    /// A part that the file does not have.
    Unsatisfiable,
}

/// Reads a `Range` header for a file of `size_bytes`. Several ranges at once, and what is no range of bytes, are ignored.
pub fn wanted(header: Option<&str>, size_bytes: u64) -> Wanted {
    let Some((first, last)) = header.and_then(|text| text.trim().strip_prefix("bytes=")?.split_once('-')) else {
        return Wanted::Whole;
    };
    let (first, last) = (first.trim(), last.trim());
    let number = |text: &str| -> Option<Option<u64>> {
        if text.is_empty() {
            return Some(None);
        }
        // Too large a number is beyond every end.
        text.bytes().all(|byte| byte.is_ascii_digit()).then(|| Some(text.parse().unwrap_or(u64::MAX)))
    };
    let range = match (number(first), number(last)) {
        (Some(None), Some(Some(suffix))) => size_bytes.saturating_sub(suffix)..size_bytes,
        (Some(Some(first)), Some(None)) => first..size_bytes,
        (Some(Some(first)), Some(Some(last))) if first <= last => first..last.saturating_add(1).min(size_bytes),
        _ => return Wanted::Whole,
    };
    if range.is_empty() { Wanted::Unsatisfiable } else { Wanted::Part(range) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_cut_to_the_file() {
        let check = |text| wanted(Some(text), 10);
        assert_eq!(check("bytes=0-3"), Wanted::Part(0..4));
        assert_eq!(check("bytes=4-"), Wanted::Part(4..10));
        assert_eq!(check("bytes=-3"), Wanted::Part(7..10));
        assert_eq!(check("bytes=-99"), Wanted::Part(0..10));
        assert_eq!(check("bytes=8-99999999999999999999999"), Wanted::Part(8..10));
        for outside in ["bytes=10-", "bytes=-0", "bytes=99999999999999999999-"] {
            assert_eq!(check(outside), Wanted::Unsatisfiable, "{outside}");
        }
        for ignored in ["bytes=0-1,3-4", "items=0-1", "bytes=5-2", "bytes=-", "bytes=a-b"] {
            assert_eq!(check(ignored), Wanted::Whole, "{ignored}");
        }
        assert_eq!(wanted(None, 10), Wanted::Whole);
    }
}

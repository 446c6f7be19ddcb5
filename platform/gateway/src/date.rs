//! The `date` of answers (RFC 9110, 6.6.1), written once a second.

use std::time::{Duration, SystemTime};

use base::Timestamp;
use httpdate::HttpDate;
use parking_lot::Mutex;

/// Bytes of a date.
const DATE_BYTES: usize = 29;

/// A date as text.
pub(crate) type DateText = [u8; DATE_BYTES];

/// The last date that was written. It is used on one thread, so that the lock is never contended.
#[derive(Default)]
pub(crate) struct Date(Mutex<Option<(u64, DateText)>>);

impl Date {
    /// Returns `now` as text.
    pub(crate) fn text(&self, now: Timestamp) -> DateText {
        let second = u64::try_from(now.as_micros() / 1_000_000).unwrap_or(0);
        let mut last = self.0.lock();
        if let Some((of, text)) = *last
            && of == second
        {
            return text;
        }
        let text = written(second);
        *last = Some((second, text));
        text
    }
}

fn written(second: u64) -> DateText {
    let date = HttpDate::from(SystemTime::UNIX_EPOCH + Duration::from_secs(second)).to_string();
    date.as_bytes().try_into().unwrap_or(*b"Thu, 01 Jan 1970 00:00:00 GMT")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_is_written_as_the_rfc_says() {
        let date = Date::default();
        let at = |second: i64| Timestamp::from_micros(second * 1_000_000 + 999_999);
        assert_eq!(&date.text(at(784_111_777)), b"Sun, 06 Nov 1994 08:49:37 GMT");
        assert_eq!(&date.text(at(784_111_778)), b"Sun, 06 Nov 1994 08:49:38 GMT");
        assert_eq!(&date.text(at(0)), b"Thu, 01 Jan 1970 00:00:00 GMT");
    }
}

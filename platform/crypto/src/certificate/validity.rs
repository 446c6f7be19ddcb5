//! How long a certificate says that it is good (RFC 5280, 4.1.2.5), read from its bytes.

use base::Timestamp;

/// Tags of DER.
const SEQUENCE: u8 = 0x30;
const VERSION: u8 = 0xa0;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;
const DAYS_OF_AN_ERA: i64 = 146_097;
const DAYS_TO_1970: i64 = 719_468;

/// Returns from when and until when a certificate (DER) is good; `None` when that cannot be read.
pub fn validity(certificate: &[u8]) -> Option<(Timestamp, Timestamp)> {
    let content = element(certificate, SEQUENCE)?;
    let mut rest = element(content, SEQUENCE)?;
    if rest.first() == Some(&VERSION) {
        rest = any(rest)?.2;
    }
    // The serial number, the algorithm and the issuer come before it.
    for _ in 0..3 {
        rest = any(rest)?.2;
    }
    let times = element(rest, SEQUENCE)?;
    let (tag, begin, rest) = any(times)?;
    let begin = time(tag, begin)?;
    let (tag, end, _) = any(rest)?;
    Some((begin, time(tag, end)?))
}

/// Returns the content of the first element, if it is of this kind.
fn element(bytes: &[u8], expected: u8) -> Option<&[u8]> {
    let (tag, content, _) = any(bytes)?;
    (tag == expected).then_some(content)
}

/// Splits off the first element: its tag, its content, and what follows.
fn any(bytes: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let [tag, first, rest @ ..] = bytes else { return None };
    let (length, rest) = match usize::from(*first) {
        short @ 0..=0x7f => (short, rest),
        // Four bytes are more than any certificate has.
        long @ 0x81..=0x84 => {
            let (digits, rest) = rest.split_at_checked(long - 0x80)?;
            (digits.iter().fold(0, |sum, digit| sum << 8 | usize::from(*digit)), rest)
        }
        _ => return None,
    };
    let (content, rest) = rest.split_at_checked(length)?;
    Some((*tag, content, rest))
}

/// Reads `YYMMDDhhmmssZ` or `YYYYMMDDhhmmssZ`.
fn time(tag: u8, text: &[u8]) -> Option<Timestamp> {
    let text = std::str::from_utf8(text).ok()?.strip_suffix('Z')?;
    if !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let (year, rest) = match tag {
        UTC_TIME => {
            let (year, rest) = text.split_at_checked(2)?;
            let year: i64 = year.parse().ok()?;
            (if year < 50 { 2_000 + year } else { 1_900 + year }, rest)
        }
        GENERALIZED_TIME => {
            let (year, rest) = text.split_at_checked(4)?;
            (year.parse().ok()?, rest)
        }
        _ => return None,
    };
    let part = |index: usize| rest.get(2 * index..2 * index + 2)?.parse::<i64>().ok();
    let (month, day, hour, minute, second) = (part(0)?, part(1)?, part(2)?, part(3)?, part(4)?);
    let sound = (1..=12).contains(&month) && (1..=31).contains(&day) && hour < 24 && minute < 60 && second < 60;
    if rest.len() != 10 || !sound {
        return None;
    }
    let seconds = ((days(year, month, day) * 24 + hour) * 60 + minute) * 60 + second;
    Some(Timestamp::from_micros(seconds * 1_000_000))
}

/// Returns the days from 1970 to a date, counting years from March so that the leap day is the last.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * DAYS_OF_AN_ERA + of_era * 365 + of_era / 4 - of_era / 100 + of_year - DAYS_TO_1970
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::CertificateKey;

    #[test]
    fn a_certificate_tells_from_when_and_until_when_it_is_good() {
        let key = CertificateKey::generate().unwrap();
        // From the year 2050 on, times are written otherwise.
        for seconds in [951_782_400, 1_800_000_000, 2_524_607_999, 2_524_608_000, 4_107_542_400] {
            let now = Timestamp::from_micros(seconds * 1_000_000);
            let lifetime = Duration::from_hours(2_160);
            let certificate = key.certify_itself(&["a.example".to_owned()], now, lifetime).unwrap();
            let (begin, end) = validity(&certificate).unwrap();
            assert_eq!((begin, end), (now.minus(Duration::from_mins(5)), now + lifetime), "{seconds}");
            for length in 0..40 {
                assert_eq!(validity(&certificate[..length]), None);
            }
        }
        assert_eq!(validity(b"no certificate"), None);
    }

    #[test]
    fn a_time_that_is_none_is_not_read() {
        for (tag, text) in [
            (UTC_TIME, "991301000000Z"),
            (UTC_TIME, "9901010000Z"),
            (UTC_TIME, "990101000000"),
            (UTC_TIME, "99010100000+Z"),
            (GENERALIZED_TIME, "990101000000Z"),
            (0x04, "990101000000Z"),
        ] {
            assert_eq!(time(tag, text.as_bytes()), None, "{text}");
        }
        assert_eq!(time(UTC_TIME, b"700101000001Z"), Some(Timestamp::from_micros(1_000_000)));
        assert_eq!(time(GENERALIZED_TIME, b"20000229000000Z"), Some(Timestamp::from_micros(951_782_400_000_000)));
    }

    #[test]
    fn certificates_of_another_program_are_read() {
        let seeds = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fuzz/seeds/certificate");
        for (file, days) in [("utc_time", 90), ("generalized_time", 12_000)] {
            let (begin, end) = validity(&std::fs::read(format!("{seeds}/{file}")).unwrap()).unwrap();
            assert_eq!(end.since(begin), Duration::from_hours(24 * days), "{file}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_break_the_reader(bytes: Vec<u8>) {
            validity(&bytes);
        }
    }
}

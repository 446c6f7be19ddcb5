//! W3C trace context: the place of a request in a trace.

use http::HeaderValue;

const TEXT_BYTES: usize = 55;
const SAMPLED: u8 = 1;

/// A `traceparent` of version `00`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Traceparent {
    trace: u128,
    span: u64,
    flags: u8,
}

impl Traceparent {
    /// Begins a trace with these random bits.
    pub(crate) fn begin(trace: u128, span: u64) -> Self {
        // All zeros mean that there is none.
        Self { trace: trace.max(1), span: span.max(1), flags: SAMPLED }
    }

    /// Returns the same trace under another span.
    pub(crate) fn under(self, span: u64) -> Self {
        Self { span: span.max(1), ..self }
    }

    /// Reads `00-<32 hex>-<16 hex>-<2 hex>`; all zeros and version `ff` are not valid, and of later versions only what
    /// this one knows is read.
    pub(crate) fn read(text: &[u8]) -> Option<Self> {
        let (known, rest) = text.split_at_checked(TEXT_BYTES)?;
        let [version_1, version_2, b'-', known @ ..] = known else {
            return None;
        };
        let version = number(&[*version_1, *version_2])?;
        if version == 0xff || (version == 0 && !rest.is_empty()) || !matches!(rest.first(), None | Some(b'-')) {
            return None;
        }
        let (trace, known) = known.split_at_checked(32)?;
        let (span, flags) = known.strip_prefix(b"-")?.split_at_checked(16)?;
        let trace = number(trace)?;
        let span = u64::try_from(number(span)?).ok()?;
        let flags = u8::try_from(number(flags.strip_prefix(b"-")?)?).ok()?;
        (trace != 0 && span != 0).then_some(Self { trace, span, flags })
    }

    /// Returns the header's value.
    pub(crate) fn value(self) -> HeaderValue {
        let [.., flags_1, flags_2] = hex(self.flags.into());
        let (trace_1, trace_2) = ((self.trace >> 64) as u64, self.trace as u64);
        let mut text = [b'-'; TEXT_BYTES];
        let parts = [&b"00"[..], b"-", &hex(trace_1), &hex(trace_2), b"-", &hex(self.span), b"-", &[flags_1, flags_2]];
        let mut rest = text.as_mut_slice();
        for part in parts {
            let Some((place, after)) = rest.split_at_mut_checked(part.len()) else {
                break;
            };
            place.copy_from_slice(part);
            rest = after;
        }
        HeaderValue::from_bytes(&text).unwrap_or(HeaderValue::from_static(""))
    }
}

/// Returns the sixteen digits of `number`, all at once: every digit gets a byte of its own, and those above nine begin 39
/// characters after the others.
fn hex(number: u64) -> [u8; 16] {
    let apart = |x: u128, by: u32, mask: u128| (x | x << by) & mask;
    let x = apart(number.into(), 32, 0x0000_0000_ffff_ffff_0000_0000_ffff_ffff);
    let x = apart(x, 16, 0x0000_ffff_0000_ffff_0000_ffff_0000_ffff);
    let x = apart(x, 8, 0x00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff);
    let x = apart(x, 4, 0x0f0f_0f0f_0f0f_0f0f_0f0f_0f0f_0f0f_0f0f);
    let letters = (x + 0x0606_0606_0606_0606_0606_0606_0606_0606) >> 4 & 0x0101_0101_0101_0101_0101_0101_0101_0101;
    (x + 0x3030_3030_3030_3030_3030_3030_3030_3030 + letters * 39).to_be_bytes()
}

fn number(digits: &[u8]) -> Option<u128> {
    digits.iter().try_fold(0, |number, digit| {
        let value = match digit {
            b'0'..=b'9' => digit - b'0',
            b'a'..=b'f' => digit - b'a' + 10,
            _ => return None,
        };
        Some(number << 4 | u128::from(value))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sound_traceparent_is_read_and_written_alike() {
        let text = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
        let parent = Traceparent::read(text.as_bytes()).unwrap();
        assert_eq!(parent.value(), text);
        assert_eq!(parent.under(0xabc).value(), "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000abc-01");
        assert_eq!(Traceparent::begin(0, 0).value(), "00-00000000000000000000000000000001-0000000000000001-01");
        assert!(Traceparent::read(format!("01{}-more", &text[2..]).as_bytes()).is_some());
    }

    #[test]
    fn digits_are_those_of_the_library() {
        for number in [0, 1, 9, 0xa, 0xf, 0x10, 0xdead_beef, 0x0123_4567_89ab_cdef, u64::MAX, u64::MAX - 6] {
            assert_eq!(hex(number), format!("{number:016x}").as_bytes(), "{number:x}");
        }
    }

    #[test]
    fn anything_else_is_no_traceparent() {
        for bad in [
            "",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
            "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
            "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-x",
            "00_4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        ] {
            assert_eq!(Traceparent::read(bad.as_bytes()), None, "{bad}");
        }
    }
}

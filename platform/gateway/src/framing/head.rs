//! The head of a request, read as strictly as every other reader down the line could read it.

use std::ops::Range;

use bytes::{Bytes, BytesMut};
use http::{HeaderName, HeaderValue, Method, Request, Uri, request::Parts};
use memchr::memchr;

use super::Framing;
use crate::{refusal::Refusal, settings::Limits};

const METHOD_BYTES_MAX: usize = 32;
/// Digits of a Content-Length that cannot overflow.
const LENGTH_DIGITS_MAX: usize = 18;
/// What the gateway adds to a request fits without growing the map.
const SPARE_HEADERS: usize = 8;

/// A head that is sound.
#[derive(Debug)]
pub(crate) struct Head {
    /// What it says.
    pub(crate) parts: Parts,
    /// How the end of what follows it is found.
    pub(crate) framing: Framing,
    /// Whether the client may send another request after it.
    pub(crate) kept: bool,
    /// Whether the client waits for a word before it sends the body (RFC 9110, 10.1.1).
    pub(crate) waits: bool,
}

/// Where the name and the value of a header line are.
pub(crate) type Line = (Range<usize>, Range<usize>);

/// Where the parts of a head are, and what follows it.
#[derive(Debug, PartialEq, Eq)]
struct Outline {
    bytes: usize,
    method: Range<usize>,
    target: Range<usize>,
    version: Version,
    framing: Framing,
    kept: bool,
    waits: bool,
}

/// Takes a head off `input`; `None` when its end has not arrived. `lines` is only lent, so that no head needs its own.
pub(crate) fn take(input: &mut BytesMut, lines: &mut Vec<Line>, limits: &Limits) -> Result<Option<Head>, Refusal> {
    lines.clear();
    let Some(outline) = outline(input, lines, limits)? else {
        return if input.len() >= limits.head_bytes_max { Err(Refusal::HeadTooLarge) } else { Ok(None) };
    };
    let bytes = input.split_to(outline.bytes).freeze();
    let Outline { framing, kept, waits, .. } = outline;
    Ok(Some(Head { parts: build(&bytes, outline, lines)?, framing, kept, waits }))
}

fn outline(bytes: &[u8], lines: &mut Vec<Line>, limits: &Limits) -> Result<Option<Outline>, Refusal> {
    // RFC 9112, 2.2: one blank line before a request is forgiven, since old clients send one after a body.
    let mut at = if bytes.starts_with(b"\r\n") { 2 } else { 0 };
    let Some(line) = next_line(bytes, &mut at)? else {
        return Ok(None);
    };
    let (method, target, version) = request_line(bytes, line)?;
    let mut fields = Fields::default();
    loop {
        let Some(line) = next_line(bytes, &mut at)? else {
            return Ok(None);
        };
        if line.is_empty() {
            break;
        }
        if lines.len() >= limits.headers_max {
            return Err(Refusal::HeadTooLarge);
        }
        lines.push(fields.take(bytes, line)?);
    }
    if at > limits.head_bytes_max {
        return Err(Refusal::HeadTooLarge);
    }
    fields.check_host(bytes.get(target.clone()).unwrap_or_default())?;
    let framing = fields.framing(version)?;
    let kept = !fields.closes && (version == Version::Http11 || fields.keeps);
    let waits = fields.waits && version == Version::Http11 && framing != Framing::Length(0);
    Ok(Some(Outline { bytes: at, method, target, version, framing, kept, waits }))
}

fn build(bytes: &Bytes, outline: Outline, lines: &[Line]) -> Result<Parts, Refusal> {
    let (mut parts, ()) = Request::new(()).into_parts();
    parts.method = Method::from_bytes(&bytes.slice(outline.method)).map_err(|_| Refusal::MalformedHead)?;
    parts.uri = Uri::from_maybe_shared(bytes.slice(outline.target)).map_err(|_| Refusal::MalformedHead)?;
    parts.version = match outline.version {
        Version::Http10 => http::Version::HTTP_10,
        Version::Http11 => http::Version::HTTP_11,
    };
    parts.headers.try_reserve(lines.len() + SPARE_HEADERS).map_err(|_| Refusal::HeadTooLarge)?;
    for (name, value) in lines {
        let name = bytes.get(name.clone()).map(HeaderName::from_bytes).transpose();
        let name = name.ok().flatten().ok_or(Refusal::MalformedHead)?;
        let value = HeaderValue::from_maybe_shared(bytes.slice(value.clone())).map_err(|_| Refusal::MalformedHead)?;
        parts.headers.try_append(name, value).map_err(|_| Refusal::HeadTooLarge)?;
    }
    Ok(parts)
}

/// Finds the line that begins at `at` and moves `at` behind it; `None` when its end has not arrived. Every line ends with
/// CR LF, and has neither within.
fn next_line(bytes: &[u8], at: &mut usize) -> Result<Option<Range<usize>>, Refusal> {
    let start = *at;
    let Some(length) = memchr(b'\n', bytes.get(start..).unwrap_or_default()) else {
        return Ok(None);
    };
    let line = bytes.get(start..start + length).and_then(|line| line.strip_suffix(b"\r"));
    *at = start + length + 1;
    line.map(|line| Some(start..start + line.len())).ok_or(Refusal::MalformedHead)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Version {
    Http10,
    Http11,
}

fn request_line(bytes: &[u8], line: Range<usize>) -> Result<(Range<usize>, Range<usize>, Version), Refusal> {
    let start = line.start;
    let mut words = bytes.get(line).unwrap_or_default().split(|byte| *byte == b' ');
    let (Some(method), Some(target), Some(version), None) = (words.next(), words.next(), words.next(), words.next())
    else {
        return Err(Refusal::MalformedHead);
    };
    let version = match version {
        b"HTTP/1.1" => Version::Http11,
        b"HTTP/1.0" => Version::Http10,
        other if other.starts_with(b"HTTP/") => return Err(Refusal::Version),
        _ => return Err(Refusal::MalformedHead),
    };
    if method.is_empty() || method.len() > METHOD_BYTES_MAX || !method.iter().all(|byte| is_token(*byte)) {
        return Err(Refusal::MalformedHead);
    }
    // CONNECT asks for a tunnel, TRACE echoes credentials.
    if method == b"CONNECT" || method == b"TRACE" {
        return Err(Refusal::Method);
    }
    if target.is_empty() || !target.iter().all(|byte| matches!(byte, 0x21..=0x7e) && *byte != b'#') {
        return Err(Refusal::MalformedHead);
    }
    let target_at = start + method.len() + 1;
    Ok((start..start + method.len(), target_at..target_at + target.len(), version))
}

/// The header fields that decide about framing, host and connection.
#[derive(Default)]
struct Fields<'a> {
    length: Option<&'a [u8]>,
    coding: Option<&'a [u8]>,
    host: Option<&'a [u8]>,
    closes: bool,
    keeps: bool,
    waits: bool,
}

impl<'a> Fields<'a> {
    fn take(&mut self, bytes: &'a [u8], line: Range<usize>) -> Result<Line, Refusal> {
        let start = line.start;
        let line = bytes.get(line).unwrap_or_default();
        let colon = memchr(b':', line).ok_or(Refusal::MalformedHead)?;
        let (name, rest) = line.split_at(colon);
        let value = rest.get(1..).unwrap_or_default().trim_ascii_start();
        let value_at = start + line.len() - value.len();
        let value = value.trim_ascii_end();
        // A name that is not a token covers folded lines and spaces before the colon too.
        if name.is_empty() || !name.iter().all(|byte| is_token(*byte)) {
            return Err(Refusal::MalformedHead);
        }
        // Counted and not searched: the loop without a way out is the one that the compiler makes wide.
        if value.iter().filter(|byte| is_control(**byte)).count() > 0 {
            return Err(Refusal::MalformedHead);
        }
        self.note(name, value)?;
        Ok((start..start + name.len(), value_at..value_at + value.len()))
    }

    fn note(&mut self, name: &[u8], value: &'a [u8]) -> Result<(), Refusal> {
        match name.len() {
            4 if name.eq_ignore_ascii_case(b"host") => once(&mut self.host, value, Refusal::AmbiguousHost),
            6 if name.eq_ignore_ascii_case(b"expect") => {
                self.waits |= value.eq_ignore_ascii_case(b"100-continue");
                Ok(())
            }
            10 if name.eq_ignore_ascii_case(b"connection") => {
                for option in value.split(|byte| *byte == b',').map(<[u8]>::trim_ascii) {
                    self.closes |= option.eq_ignore_ascii_case(b"close");
                    self.keeps |= option.eq_ignore_ascii_case(b"keep-alive");
                }
                Ok(())
            }
            14 if name.eq_ignore_ascii_case(b"content-length") => {
                once(&mut self.length, value, Refusal::AmbiguousFraming)
            }
            17 if name.eq_ignore_ascii_case(b"transfer-encoding") => {
                once(&mut self.coding, value, Refusal::AmbiguousFraming)
            }
            _ => Ok(()),
        }
    }

    fn check_host(&self, target: &[u8]) -> Result<(), Refusal> {
        let host = self.host.ok_or(Refusal::AmbiguousHost)?;
        if !is_host(host) {
            return Err(Refusal::AmbiguousHost);
        }
        if target.first() == Some(&b'/') {
            return Ok(());
        }
        let authority = absolute_authority(target).ok_or(Refusal::MalformedHead)?;
        if authority.eq_ignore_ascii_case(host) { Ok(()) } else { Err(Refusal::AmbiguousHost) }
    }

    fn framing(&self, version: Version) -> Result<Framing, Refusal> {
        match (self.length, self.coding) {
            (None, None) => Ok(Framing::Length(0)),
            (Some(_), Some(_)) => Err(Refusal::AmbiguousFraming),
            (None, Some(_)) if version == Version::Http10 => Err(Refusal::AmbiguousFraming),
            (None, Some(coding)) if coding.eq_ignore_ascii_case(b"chunked") => Ok(Framing::Chunked),
            (None, Some(_)) => Err(Refusal::TransferCoding),
            (Some(length), None) => decimal(length).map(Framing::Length).ok_or(Refusal::AmbiguousFraming),
        }
    }
}

fn once<'a>(field: &mut Option<&'a [u8]>, value: &'a [u8], refusal: Refusal) -> Result<(), Refusal> {
    match field.replace(value) {
        None => Ok(()),
        Some(_) => Err(refusal),
    }
}

/// Reads digits, of which so few that they cannot overflow.
pub(crate) fn decimal(digits: &[u8]) -> Option<u64> {
    if digits.is_empty() || digits.len() > LENGTH_DIGITS_MAX || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    Some(digits.iter().fold(0, |number, digit| number * 10 + u64::from(digit - b'0')))
}

/// Returns the authority of a target in absolute form.
fn absolute_authority(target: &[u8]) -> Option<&[u8]> {
    let (scheme, rest) = target.split_at(target.windows(3).position(|window| window == b"://")?);
    if !scheme.eq_ignore_ascii_case(b"http") && !scheme.eq_ignore_ascii_case(b"https") {
        return None;
    }
    let rest = rest.get(3..)?;
    let end = rest.iter().position(|byte| matches!(byte, b'/' | b'?')).unwrap_or(rest.len());
    rest.get(..end)
}

/// Returns whether `host` can be a name or address with a port, and nothing else.
pub(crate) fn is_host(host: &[u8]) -> bool {
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_' | b':' | b'[' | b']');
    (1..=255).contains(&host.len()) && host.iter().all(plain)
}

/// Returns whether `byte` has no place in a value (RFC 9110, 5.5).
fn is_control(byte: u8) -> bool {
    (byte < 0x20 && byte != b'\t') || byte == 0x7f
}

/// Returns whether `byte` may be part of a token (RFC 9110, 5.6.2).
fn is_token(byte: u8) -> bool {
    const TABLE: [bool; 256] = {
        let mut table = [false; 256];
        let mut byte = 0;
        while byte < 256 {
            #[expect(clippy::indexing_slicing, reason = "evaluated at compile time, below 256")]
            {
                table[byte] = (byte as u8).is_ascii_alphanumeric();
            }
            byte += 1;
        }
        let mut rest: &[u8] = b"!#$%&'*+-.^_`|~";
        while let [byte, more @ ..] = rest {
            #[expect(clippy::indexing_slicing, reason = "evaluated at compile time, a byte")]
            {
                table[*byte as usize] = true;
            }
            rest = more;
        }
        table
    };
    TABLE.get(usize::from(byte)).copied().unwrap_or(false)
}

#[cfg(test)]
mod tests;

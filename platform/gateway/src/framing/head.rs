//! The head of a request, read as strictly as every other reader down the line could read it.

use memchr::memchr;

use crate::{refusal::Refusal, settings::Limits};

/// The method of the request that stands in for one that was refused. Nobody may send it.
pub(crate) const REFUSED_METHOD: &str = "REFUSED";
const METHOD_BYTES_MAX: usize = 32;
/// Digits of a Content-Length that cannot overflow.
const LENGTH_DIGITS_MAX: usize = 18;

/// How far a head got.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Progress {
    /// More bytes are needed.
    Partial,
    /// The head is complete and sound.
    Complete {
        /// Its bytes, the blank line included.
        bytes: usize,
        /// What follows it.
        body: Body,
    },
    /// The head is not accepted.
    Refused(Refusal),
}

/// How the end of a body is found.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Body {
    /// So many bytes follow, maybe none.
    Length(u64),
    /// Chunks follow.
    Chunked,
}

/// Reads a head from the start of `bytes`.
pub(super) fn read(bytes: &[u8], limits: &Limits) -> Progress {
    match scan(bytes, limits) {
        Ok(Some((bytes, body))) => Progress::Complete { bytes, body },
        Ok(None) if bytes.len() >= limits.head_bytes_max => Progress::Refused(Refusal::HeadTooLarge),
        Ok(None) => Progress::Partial,
        Err(refusal) => Progress::Refused(refusal),
    }
}

fn scan(bytes: &[u8], limits: &Limits) -> Result<Option<(usize, Body)>, Refusal> {
    // RFC 9112, 2.2: one blank line before a request is forgiven, since old clients send one after a body.
    let mut rest = bytes.strip_prefix(b"\r\n").unwrap_or(bytes);
    let Some(line) = next_line(&mut rest)? else {
        return Ok(None);
    };
    let (target, version) = request_line(line)?;
    let mut fields = Fields::default();
    for count in 0.. {
        let Some(line) = next_line(&mut rest)? else {
            return Ok(None);
        };
        if line.is_empty() {
            break;
        }
        if count >= limits.headers_max {
            return Err(Refusal::HeadTooLarge);
        }
        fields.take(line)?;
    }
    let length = bytes.len() - rest.len();
    if length > limits.head_bytes_max {
        return Err(Refusal::HeadTooLarge);
    }
    fields.check_host(target)?;
    Ok(Some((length, fields.body(version)?)))
}

/// Takes a line off `rest`; `None` when its end has not arrived. Every line ends with CR LF, and has neither within.
fn next_line<'a>(rest: &mut &'a [u8]) -> Result<Option<&'a [u8]>, Refusal> {
    let Some(end) = memchr(b'\n', rest) else {
        return Ok(None);
    };
    let (line, after) = rest.split_at(end);
    let line = line.strip_suffix(b"\r").ok_or(Refusal::MalformedHead)?;
    *rest = after.get(1..).unwrap_or_default();
    Ok(Some(line))
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Version {
    Http10,
    Http11,
}

fn request_line(line: &[u8]) -> Result<(&[u8], Version), Refusal> {
    let mut words = line.split(|byte| *byte == b' ');
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
    // CONNECT asks for a tunnel, TRACE echoes credentials, and the last is our own.
    if method == b"CONNECT" || method == b"TRACE" || method == REFUSED_METHOD.as_bytes() {
        return Err(Refusal::Method);
    }
    if target.is_empty() || !target.iter().all(|byte| matches!(byte, 0x21..=0x7e) && *byte != b'#') {
        return Err(Refusal::MalformedHead);
    }
    Ok((target, version))
}

/// The header fields that decide about framing and host.
#[derive(Default)]
struct Fields<'a> {
    length: Option<&'a [u8]>,
    coding: Option<&'a [u8]>,
    host: Option<&'a [u8]>,
}

impl<'a> Fields<'a> {
    fn take(&mut self, line: &'a [u8]) -> Result<(), Refusal> {
        let colon = memchr(b':', line).ok_or(Refusal::MalformedHead)?;
        let (name, value) = line.split_at(colon);
        let value = value.get(1..).unwrap_or_default().trim_ascii();
        // A name that is not a token covers folded lines and spaces before the colon too.
        if name.is_empty() || !name.iter().all(|byte| is_token(*byte)) {
            return Err(Refusal::MalformedHead);
        }
        if value.iter().any(|byte| (*byte < 0x20 && *byte != b'\t') || *byte == 0x7f) {
            return Err(Refusal::MalformedHead);
        }
        match name.len() {
            4 if name.eq_ignore_ascii_case(b"host") => once(&mut self.host, value, Refusal::AmbiguousHost),
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

    fn body(&self, version: Version) -> Result<Body, Refusal> {
        match (self.length, self.coding) {
            (None, None) => Ok(Body::Length(0)),
            (Some(_), Some(_)) => Err(Refusal::AmbiguousFraming),
            (None, Some(_)) if version == Version::Http10 => Err(Refusal::AmbiguousFraming),
            (None, Some(coding)) if coding.eq_ignore_ascii_case(b"chunked") => Ok(Body::Chunked),
            (None, Some(_)) => Err(Refusal::TransferCoding),
            (Some(length), None) => decimal(length).map(Body::Length).ok_or(Refusal::AmbiguousFraming),
        }
    }
}

fn once<'a>(field: &mut Option<&'a [u8]>, value: &'a [u8], refusal: Refusal) -> Result<(), Refusal> {
    match field.replace(value) {
        None => Ok(()),
        Some(_) => Err(refusal),
    }
}

fn decimal(digits: &[u8]) -> Option<u64> {
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

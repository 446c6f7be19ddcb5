//! What fuzz targets call of this crate; not part of its interface.

use http::{HeaderMap, HeaderName, HeaderValue};

pub use crate::downstream::fuzzing::{Passed, Request, passed, understood};
use crate::phases;

/// Reads who asks, for which host, in which trace and at which path out of lines `name: value`.
pub fn identify(bytes: &[u8]) {
    let mut headers = HeaderMap::new();
    for line in bytes.split(|byte| *byte == b'\n') {
        let mut halves = line.splitn(2, |byte| *byte == b':');
        let name = HeaderName::from_bytes(halves.next().unwrap_or_default());
        let value = HeaderValue::from_bytes(halves.next().unwrap_or_default().trim_ascii());
        if let (Ok(name), Ok(value)) = (name, value) {
            headers.append(name, value);
        }
    }
    phases::identified(&headers);
}

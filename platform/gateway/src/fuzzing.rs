//! What fuzz targets call of this crate, and the test that feeds it their seeds; not part of its interface.

use std::time::Duration;

use base::Timestamp;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use tokio::time::Instant;

pub use crate::downstream::fuzzing::{Passed, Request, passed, understood};
use crate::{
    compression::{self, Coding},
    grpc, phases,
    response_cache::rules,
};

/// Reads who asks, for which host, in which trace and at which path out of lines `name: value`.
pub fn identify(bytes: &[u8]) {
    phases::identified(&lines(bytes));
}

/// Reads how long a call of gRPC may take: what is passed on gives a node at most that, and but for a second as much.
pub fn grpc_timeout(bytes: &[u8]) {
    const PASSED_MAX_SECONDS: u64 = 99_999_999;
    let read = |value| grpc::timeout(&HeaderMap::from_iter([(grpc::TIMEOUT, value)]));
    let Some(timeout) = HeaderValue::from_bytes(bytes).ok().and_then(read) else { return };
    let passed = read(grpc::timeout_value(timeout)).unwrap_or_default();
    assert!(passed <= timeout && passed.as_secs() >= timeout.as_secs().min(PASSED_MAX_SECONDS));
}

/// Reads which coding a client likes best: one that it names and does not refuse, in whatever case. A tag that was marked
/// for a coding is its service's own again.
pub fn accept_encoding(bytes: &[u8]) {
    let wanted = |bytes: &[u8]| Coding::wanted(HeaderValue::from_bytes(bytes).ok().as_ref());
    let coding = wanted(bytes);
    assert_eq!(coding, wanted(&bytes.to_ascii_uppercase()));
    let text = String::from_utf8_lossy(bytes).to_ascii_lowercase();
    if let Some(coding) = coding {
        assert!(text.contains(coding.name()) || text.contains('*'));
        assert_ne!(wanted(format!("{};q=0, {text}", coding.name()).as_bytes()), Some(coding));
    }
    let Ok(tag) = HeaderValue::try_from(format!("\"{}\"", text.replace('"', ""))) else { return };
    for coding in Coding::ALL {
        let Some(marked) = coding.mark(&tag) else { return };
        let mut headers = HeaderMap::from_iter([(header::IF_MATCH, marked)]);
        assert_eq!(compression::unmark(&mut headers), Some(coding));
        assert_eq!(headers.get(header::IF_MATCH), Some(&tag));
    }
}

/// Reads out of lines `name: value` for how long an answer may be kept: never what says that it may not, never for longer
/// than the bound, and for somebody with a credential only what is for everybody.
pub fn cache_control(bytes: &[u8]) {
    let mut headers = lines(bytes);
    let of = |headers: &HeaderMap, credential| rules::lifetimes(credential, StatusCode::OK, headers);
    let everybody = of(&headers, false);
    if let Some(kept) = everybody {
        assert!([kept.fresh, kept.while_asked, kept.if_error].iter().all(|span| *span <= rules::LIFETIME_MAX));
        assert!(!headers.contains_key(header::SET_COOKIE));
    }
    assert!(of(&headers, true).is_none_or(|kept| everybody == Some(kept)));
    let arrival = rules::Arrival {
        at: Instant::now(),
        time: Timestamp::from_micros(1_800_000_000_000_000),
        delay: Duration::from_secs(1),
    };
    assert!(rules::age(&headers, &arrival) <= rules::LIFETIME_MAX);
    rules::is_held(&headers, &headers);
    for word in ["no-store", "Private", "no-cache=\"a, b\""] {
        headers.append(header::CACHE_CONTROL, HeaderValue::from_static(word));
        assert_eq!(of(&headers, false), None);
        headers.remove(header::CACHE_CONTROL);
    }
}

fn lines(bytes: &[u8]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for line in bytes.split(|byte| *byte == b'\n') {
        let mut halves = line.splitn(2, |byte| *byte == b':');
        let name = HeaderName::from_bytes(halves.next().unwrap_or_default());
        let value = HeaderValue::from_bytes(halves.next().unwrap_or_default().trim_ascii());
        if let (Ok(name), Ok(value)) = (name, value) {
            headers.append(name, value);
        }
    }
    headers
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    const SEEDS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fuzz/seeds");

    /// Its name, and what it feeds.
    type Target = (&'static str, fn(&[u8]));

    #[test]
    fn every_seed_of_the_fuzz_targets_keeps_what_is_promised() {
        let targets: [Target; 4] = [
            ("credentials", identify),
            ("grpc_timeout", grpc_timeout),
            ("accept_encoding", accept_encoding),
            ("cache_control", cache_control),
        ];
        for (target, keeps) in targets {
            let seeds: Vec<_> = fs::read_dir(format!("{SEEDS}/{target}")).unwrap().map(Result::unwrap).collect();
            assert!(!seeds.is_empty(), "{target}");
            for seed in seeds {
                keeps(&fs::read(seed.path()).unwrap());
            }
        }
    }
}

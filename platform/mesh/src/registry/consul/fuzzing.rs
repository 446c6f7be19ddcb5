//! What a fuzz target calls of this room, and the test that feeds it the target's seeds; not part of its interface.

use std::net::Ipv4Addr;

use futures_util::FutureExt;
use http::{Method, StatusCode, Uri};

use super::{Query, answer, change};
use crate::{
    node::Node,
    registry::{Registry, Settings},
};

/// A service that nobody may enter from outside.
const RESERVED: &str = "projects";

/// Does what Consul's writing side is asked by `bytes`, as a body of each kind and as a query. Whatever it is, the answer is
/// no failure of ours; and what is entered is nobody of the installation's, keeps the rules and can be shown.
pub fn written(bytes: &[u8]) {
    let settings = Settings { reserved: vec![RESERVED.to_owned()], ..Settings::default() };
    let registry = Registry::new(settings);
    ask(&registry, "service/register", bytes);
    for node in registry.nodes() {
        assert!(!node.tenure.is_lease() && node.service != RESERVED && node.check().is_ok());
        let read = serde_json::to_vec(&*node).ok().and_then(|text| serde_json::from_slice::<Node>(&text).ok());
        assert_eq!(read.as_ref(), Some(&*node));
        for check in &node.checks {
            let update = format!("check/update/{}", escaped(&check.name));
            ask(&registry, &update, bytes);
            ask(&registry, &update, br#"{"Status":"passing"}"#);
        }
    }
    for path in ["/v1/agent/services", "/v1/agent/checks", "/v1/health/state/any", "/sd/prometheus"] {
        let shown = answer(&registry, &Uri::from_static(path)).now_or_never().flatten();
        assert_eq!(shown.map(|shown| shown.status()), Some(StatusCode::OK), "{path}");
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        let _ = Query::parse(text);
        kept(&registry, text);
    }
}

/// Checks that what is kept under a key is found there, and that a key that breaks the rules is refused.
fn kept(registry: &Registry, key: &str) {
    let Ok(uri) = format!("/v1/kv/{}", escaped(key)).parse() else { return };
    let done = change(registry, &Method::PUT, &uri, (key.as_bytes(), Ipv4Addr::LOCALHOST.into()));
    let kept = done.now_or_never().flatten().is_some_and(|done| done.status() == StatusCode::OK);
    assert_eq!(registry.pairs.get(key).map(|pair| pair.value), kept.then(|| key.as_bytes().to_vec()), "{key:?}");
}

fn escaped(text: &str) -> String {
    text.bytes().fold(String::new(), |escaped, byte| format!("{escaped}%{byte:02X}"))
}

fn ask(registry: &Registry, path: &str, body: &[u8]) {
    let Ok(uri) = format!("/v1/agent/{path}").parse() else { return };
    let done = change(registry, &Method::PUT, &uri, (body, Ipv4Addr::LOCALHOST.into())).now_or_never().flatten();
    assert!(done.is_some_and(|done| !done.status().is_server_error()), "{path}");
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    const SEEDS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fuzz/seeds/consul");

    #[test]
    fn every_seed_of_the_fuzz_target_keeps_what_is_promised() {
        let seeds: Vec<_> = fs::read_dir(SEEDS).unwrap().map(Result::unwrap).collect();
        assert!(!seeds.is_empty());
        for seed in seeds {
            written(&fs::read(seed.path()).unwrap());
        }
    }
}

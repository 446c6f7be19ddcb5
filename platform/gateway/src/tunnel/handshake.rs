//! WebSocket asked for by HTTP/2 (RFC 8441), and the handshake with a node in the name of a client that has none of its
//! own: there the stream is what the key proves here.

use base64::{Engine, engine::general_purpose::STANDARD};
use h2::ext::Protocol;
use http::{HeaderMap, HeaderName, HeaderValue, Method, request::Parts};

const KEY: HeaderName = HeaderName::from_static("sec-websocket-key");
const ACCEPT: HeaderName = HeaderName::from_static("sec-websocket-accept");
/// What a server adds to the key (RFC 6455, 4.2.2).
const ADDED: &str = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/// Returns whether a request is one that asks a stream of HTTP/2 to become a tunnel.
pub(crate) fn is_extended(head: &Parts) -> bool {
    head.extensions.get::<Protocol>().is_some()
}

/// Makes of a request that asks a stream to become a WebSocket the one that the phases know; says whether it was such.
pub(crate) fn take(head: &mut Parts) -> bool {
    let asks = |protocol: &Protocol| protocol.as_str().eq_ignore_ascii_case("websocket");
    let websocket = head.method == Method::CONNECT && head.extensions.get().is_some_and(asks);
    if websocket {
        head.method = Method::GET;
    }
    websocket
}

/// Puts a key in a head on its way to a node.
pub(crate) fn begin(headers: &mut HeaderMap, chance: [u64; 2]) {
    let key = STANDARD.encode(chance.map(u64::to_le_bytes).concat());
    if let Ok(key) = HeaderValue::try_from(key) {
        headers.insert(KEY, key);
    }
}

/// Takes a node's proof off the head of its answer; says whether it proves that the node speaks WebSocket.
pub(crate) fn finish(asked: &HeaderMap, answered: &mut HeaderMap) -> bool {
    let proof = answered.remove(ACCEPT);
    let key = asked.get(KEY).map(HeaderValue::as_bytes).unwrap_or_default();
    let expected = STANDARD.encode(crypto::digest::sha1([key, ADDED.as_bytes()].concat()));
    proof.is_some_and(|proof| proof.as_bytes() == expected.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_who_read_the_key_can_prove_it() {
        let mut asked = HeaderMap::from_iter([(KEY, HeaderValue::from_static("dGhlIHNhbXBsZSBub25jZQ=="))]);
        // The example of RFC 6455, 1.3.
        let proof = HeaderValue::from_static("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
        let mut answered = HeaderMap::from_iter([(ACCEPT, proof.clone())]);
        assert!(finish(&asked, &mut answered) && answered.is_empty());
        assert!(!finish(&asked, &mut answered));
        begin(&mut asked, [1, 2]);
        assert_eq!(asked[KEY], "AQAAAAAAAAACAAAAAAAAAA==");
        assert!(!finish(&asked, &mut HeaderMap::from_iter([(ACCEPT, proof)])));
    }
}

//! However the bytes arrive, the same requests are understood; and a node understands what we did.

use proptest::prelude::*;

use super::fuzzing::{Passed, passed, understood};

const WHOLE: [usize; 1] = [usize::MAX];

fn sound() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z]{0,20}".prop_map(|path| format!("GET /{path} HTTP/1.1\r\nHost: a\r\nX: y\r\n\r\n")),
        "[ -~\r\n]{0,60}"
            .prop_map(|body| { format!("POST / HTTP/1.1\r\ncontent-length: {}\r\nHost: a\r\n\r\n{body}", body.len()) }),
        prop::collection::vec("[ -~\r\n]{1,30}", 0..4).prop_map(|chunks| {
            let chunk = |chunk: &String| format!("{:x};ext\r\n{chunk}\r\n", chunk.len());
            let chunks: String = chunks.iter().map(chunk).collect();
            format!("PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n{chunks}0\r\nT: v\r\n\r\n")
        }),
    ]
}

const BAD: [&str; 7] = [
    "GET / HTTP/1.1\nHost: a\n\n",
    "GET / HTTP/1.1\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\nx",
    "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: x\r\n\r\n",
    "CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n",
    "GET /a/../b HTTP/1.1\r\nHost: a\r\n\r\n",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn sound_requests_pass_however_they_arrive(
        requests in prop::collection::vec(sound(), 1..6),
        sizes in prop::collection::vec(1_usize..80, 1..5),
    ) {
        let bytes = requests.concat();
        let passed = passed(bytes.as_bytes(), &sizes);
        prop_assert!(passed.refused.is_none() && !passed.broken, "{passed:?}");
        prop_assert_eq!(passed.requests.len(), requests.len());
        check_understood(&passed)?;
    }

    #[test]
    fn nothing_of_a_refused_request_or_after_it_passes(
        before in prop::collection::vec(sound(), 0..4),
        bad in prop::sample::select(&BAD[..]),
        after in prop::collection::vec(sound(), 0..3),
        sizes in prop::collection::vec(1_usize..80, 1..5),
    ) {
        let bytes = format!("{}{bad}{}", before.concat(), after.concat());
        let passed = passed(bytes.as_bytes(), &sizes);
        prop_assert!(passed.refused.is_some() && !passed.broken, "{passed:?}");
        prop_assert_eq!(passed.requests.len(), before.len());
    }

    #[test]
    fn any_bytes_are_read_without_a_panic_and_alike(
        bytes in prop::collection::vec(prop::sample::select(&b"GET / HTP1.:\r\n\thostContent-Lgh0123chunked;"[..]), 0..300),
        sizes in prop::collection::vec(1_usize..20, 1..4),
    ) {
        check_alike(&bytes, &sizes)?;
    }

    #[test]
    fn a_node_understands_what_was_understood(
        method in "GET|PUT|X-|M!",
        target in "/[!-~&&[^#]]{0,20}",
        lines in prop::collection::vec("(X-[A-Za-z]{1,3}|Accept|Te|Connection|Upgrade|Expect): ?[ -~\u{80}-\u{ff}]{0,12}", 0..6),
        body in "[ -~\r\n]{0,40}",
    ) {
        let lines: String = lines.iter().flat_map(|line| [line, "\r\n"]).collect();
        let head = format!("{method} {target} HTTP/1.1\r\nHost: a\r\n{lines}Content-Length: {}\r\n\r\n", body.len());
        check_understood(&passed(format!("{head}{body}").as_bytes(), &WHOLE))?;
    }
}

#[test]
fn a_body_that_breaks_off_breaks_the_connection_however_it_arrives() {
    let bytes = b"POST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5;x\r\nhello\r\n2\r\nT: v\r\n\r\n";
    assert!(passed(bytes, &WHOLE).broken);
    check_alike(bytes, &[65, 65]).unwrap();
}

/// Whole and in pieces the same is passed on.
fn check_alike(bytes: &[u8], sizes: &[usize]) -> Result<(), TestCaseError> {
    let whole = passed(bytes, &WHOLE);
    prop_assert_eq!(&whole, &passed(bytes, sizes));
    check_understood(&whole)
}

/// A node understands each request as we did.
fn check_understood(passed: &Passed) -> Result<(), TestCaseError> {
    for (sent, request) in passed.sent.iter().zip(&passed.requests) {
        prop_assert_eq!(&understood(sent)[..], std::slice::from_ref(request), "{}", String::from_utf8_lossy(sent));
    }
    Ok(())
}

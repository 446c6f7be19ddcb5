//! However the bytes arrive, the same ones are passed on.

use proptest::prelude::*;

use super::{fuzzing::passed, *};

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

const BAD: [&str; 6] = [
    "GET / HTTP/1.1\nHost: a\n\n",
    "GET / HTTP/1.1\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\nx",
    "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: x\r\n\r\n",
    "CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn sound_requests_pass_unchanged_however_they_arrive(
        requests in prop::collection::vec(sound(), 1..6),
        sizes in prop::collection::vec(1_usize..80, 1..5),
        room in 1_usize..200,
    ) {
        let bytes = requests.concat();
        let (out, failed) = passed(bytes.as_bytes(), &sizes, room);
        prop_assert_eq!(String::from_utf8_lossy(&out), bytes);
        prop_assert!(!failed);
    }

    #[test]
    fn nothing_of_a_refused_request_or_after_it_passes(
        before in prop::collection::vec(sound(), 0..4),
        bad in prop::sample::select(&BAD[..]),
        after in prop::collection::vec(sound(), 0..3),
        sizes in prop::collection::vec(1_usize..80, 1..5),
        room in 1_usize..200,
    ) {
        let before = before.concat();
        let bytes = format!("{before}{bad}{}", after.concat());
        let (out, failed) = passed(bytes.as_bytes(), &sizes, room);
        let out = String::from_utf8_lossy(&out);
        prop_assert!(!failed && out.starts_with(&before), "{out:?}");
        let rest = &out[before.len()..];
        prop_assert!(rest.starts_with(REFUSED_METHOD) && rest.ends_with("host: refused\r\n\r\n"), "{rest:?}");
        prop_assert_eq!(rest.matches("HTTP/1.1").count(), 1);
    }

    #[test]
    fn any_bytes_are_read_without_a_panic_and_alike(
        bytes in prop::collection::vec(prop::sample::select(&b"GET / HTP1.:\r\n\thostContent-Lgh0123chunked;"[..]), 0..300),
        sizes in prop::collection::vec(1_usize..20, 1..4),
    ) {
        check_alike(&bytes, &sizes)?;
    }
}

#[test]
fn a_body_that_breaks_off_breaks_the_connection_however_it_arrives() {
    let bytes = b"POST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5;x\r\nhello\r\n2\r\nT: v\r\n\r\n";
    assert!(passed(bytes, &[usize::MAX], 4_096).1);
    check_alike(bytes, &[65, 65]).unwrap();
}

/// Whole and in pieces the same is passed on; of a body that breaks off maybe more in one way than in the other.
fn check_alike(bytes: &[u8], sizes: &[usize]) -> Result<(), TestCaseError> {
    let (whole, pieces) = (passed(bytes, &[usize::MAX], 4_096), passed(bytes, sizes, 7));
    prop_assert_eq!(whole.1, pieces.1);
    if whole.1 {
        prop_assert!(whole.0.starts_with(&pieces.0) || pieces.0.starts_with(&whole.0));
    } else {
        prop_assert_eq!(whole.0, pieces.0);
    }
    Ok(())
}

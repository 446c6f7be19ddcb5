//! Uploads: what is taken, what is refused, and that nothing of the refused stays.

use super::*;

const PDF: &[u8] = b"%PDF-1.7\nsome text";

#[tokio::test]
async fn an_upload_is_answered_with_its_digest_and_a_ticket() {
    let office = Office::new(Settings::default()).await;
    let answer = office.upload("/api/v1/files", &[("file", Some("../x/ບົດ.pdf"), PDF)]).await;
    assert_eq!(answer.status, StatusCode::CREATED);
    let body = answer.json();
    assert_eq!(body["name"], "ບົດ.pdf");
    assert_eq!(body["media_type"], "application/pdf");
    assert_eq!(body["size_bytes"], PDF.len());
    assert_eq!(body["sha256"], crypto::digest::hex(&crypto::digest::sha256(PDF)));
    let key = office.keyring.key("upload-ticket");
    let ticket: contracts::passes::UploadTicket =
        crypto::token::open(&key, body["ticket"].as_str().unwrap(), office.time.now()).unwrap();
    assert_eq!((ticket.person, ticket.sha256.as_str()), (PersonId::from_u128(3), body["sha256"].as_str().unwrap()));
    assert_eq!(office.blobs().len(), 1);
}

#[tokio::test]
async fn a_form_goes_on_with_the_ticket_to_a_place_of_this_site() {
    let office = Office::new(Settings::default()).await;
    let file = ("file", Some("a.pdf"), PDF);
    let answer = office.upload("/files", &[("then", None, b"/projects/1?step=2"), file]).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    assert!(answer.header(header::LOCATION).starts_with("/projects/1?step=2&ticket="));
    let answer = office.upload("/files", &[file, ("then", None, b"//evil.example/")]).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn what_is_refused_leaves_nothing_behind() {
    let office = Office::new(Settings { upload_mib_max: 1, ..Settings::default() }).await;
    let large = vec![b'x'; (1 << 20) + 1];
    let cases: [(&[Part<'_>], u16, &str); 6] = [
        (&[("file", Some("large.txt"), &large)], 413, "FIL-001"),
        (&[("file", Some("empty.txt"), b"")], 422, "FIL-002"),
        (&[("file", Some(""), b"")], 422, "FIL-003"),
        (&[("other", None, b"x")], 422, "FIL-003"),
        (&[("file", Some("a.txt"), b"a"), ("file", Some("b.txt"), b"b")], 422, "FIL-003"),
        (&[("file", Some("paper.pdf"), b"MZ\x90\0 a program")], 422, "FIL-004"),
    ];
    for (parts, status, code) in cases {
        let answer = office.upload("/api/v1/files", parts).await;
        assert_eq!(answer.refusal(), (status, code.to_owned()));
        assert_eq!(office.blobs(), Vec::<PathBuf>::new(), "{code}");
    }
    office.pass(Duration::from_hours(25));
    assert_eq!(sweep(&office.files).await.unwrap(), 0, "no row was left either");
}

#[tokio::test]
async fn a_broken_off_upload_is_refused_and_removed() {
    let office = Office::new(Settings::default()).await;
    let whole = multipart(&[("file", Some("a.pdf"), &[PDF, &vec![b'x'; 100_000]].concat())]);
    let kind = format!("multipart/form-data; boundary={BOUNDARY}");
    let request = || Request::post("/api/v1/files").header(header::CONTENT_TYPE, &kind);
    let cut = whole[..whole.len() - 20].to_vec();
    assert_eq!(office.send(&office.ana(), request(), cut).await.refusal(), (400, "WEB-004".to_owned()));
    let first = Ok(bytes::Bytes::from(whole[..50_000].to_vec()));
    let stream = futures_util::stream::iter([first, Err(std::io::Error::other("the line went dead"))]);
    let answer = office.send(&office.ana(), request(), Body::from_stream(stream)).await;
    assert_eq!(answer.refusal(), (400, "WEB-004".to_owned()));
    assert_eq!(office.blobs(), Vec::<PathBuf>::new());
}

#[tokio::test]
async fn a_retried_upload_is_stored_once() {
    let office = Office::new(Settings::default()).await;
    let kind = format!("multipart/form-data; boundary={BOUNDARY}");
    let mut ids = Vec::new();
    for _ in 0..2 {
        let request =
            Request::post("/api/v1/files").header(header::CONTENT_TYPE, &kind).header("idempotency-key", "k1");
        let body = multipart(&[("file", Some("a.pdf"), PDF)]);
        ids.push(office.send(&office.ana(), request, body).await.json()["id"].clone());
    }
    assert_eq!(ids[0], ids[1]);
    assert_eq!(office.blobs().len(), 1);
}

#[tokio::test]
async fn nobody_fills_the_disk_with_what_is_never_handed_in() {
    let office = Office::new(Settings { unclaimed_mib_max: 1, ..Settings::default() }).await;
    office.stored("a.txt", &vec![b'x'; 1 << 20]).await;
    let answer = office.upload("/api/v1/files", &[("file", Some("b.txt"), b"b")]).await;
    assert_eq!(answer.refusal(), (429, "FIL-007".to_owned()));
    office.pass(Duration::from_hours(25));
    office.stored("b.txt", b"b").await;
}

#[tokio::test]
async fn what_was_handed_in_does_not_count_as_left_lying() {
    let office = Office::new(Settings { unclaimed_mib_max: 1, ..Settings::default() }).await;
    let handed_in = office.stored("a.txt", &vec![b'x'; 1 << 20]).await;
    office.claim(handed_in).await;
    office.stored("b.txt", b"b").await;
}

#[tokio::test]
async fn a_form_that_announces_too_much_is_refused_before_it_comes() {
    let office = Office::new(Settings { upload_mib_max: 1, ..Settings::default() }).await;
    let kind = format!("multipart/form-data; boundary={BOUNDARY}");
    let request =
        Request::post("/api/v1/files").header(header::CONTENT_TYPE, kind).header(header::CONTENT_LENGTH, 2_u64 << 30);
    let answer = office.send(&office.ana(), request, Body::empty()).await;
    assert_eq!(answer.refusal(), (413, "FIL-001".to_owned()));
}

#[tokio::test]
async fn a_refused_file_goes_back_to_its_form_with_the_reason() {
    let office = Office::new(Settings { upload_mib_max: 1, ..Settings::default() }).await;
    let large = vec![b'x'; (1 << 20) + 200_000];
    let cases: [(&[Part<'_>], &str); 5] = [
        (&[("file", Some("large.txt"), &large)], "too_large"),
        (&[("file", Some("empty.txt"), b"")], "empty"),
        (&[("file", Some(""), b"")], "required"),
        (&[("file", Some("a.txt"), b"a"), ("file", Some("b.txt"), b"b")], "several_files"),
        (&[("file", Some("paper.pdf"), b"MZ\x90\0 a program")], "content"),
    ];
    for (parts, reason) in cases {
        let answer = office.upload("/files?then=/milestones/1", parts).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{reason}");
        assert_eq!(answer.header(header::LOCATION), format!("/milestones/1?refused={reason}"));
        let elsewhere = office.upload("/files?then=//evil.example/", parts).await;
        assert!(elsewhere.status.is_client_error(), "{reason}: {}", elsewhere.status);
    }
    assert_eq!(office.blobs(), Vec::<PathBuf>::new());
}

#[tokio::test]
async fn a_ticket_says_what_the_file_is() {
    let office = Office::new(Settings::default()).await;
    for (name, content, kind) in
        [("a.pdf", PDF, "pdf"), ("setup.exe", b"words", "other"), ("main.rs", b"fn main() {}", "text")]
    {
        let body = office.upload("/api/v1/files", &[("file", Some(name), content)]).await.json();
        assert_eq!(body["kind"], kind, "{name}");
        let key = office.keyring.key("upload-ticket");
        let ticket: contracts::passes::UploadTicket =
            crypto::token::open(&key, body["ticket"].as_str().unwrap(), office.time.now()).unwrap();
        assert_eq!(ticket.kind.word(), kind, "{name}");
    }
}

//! Downloads: whose they are, and in which parts.

use super::*;
use contracts::passes::DownloadGrant;

async fn get(office: &Office, caller: &Caller, path: &str, headers: &[(header::HeaderName, &str)]) -> Answer {
    let request = headers.iter().fold(Request::get(path), |request, (name, value)| request.header(name, *value));
    office.send(caller, request, Body::empty()).await
}

#[tokio::test]
async fn a_grant_opens_one_file_to_one_person_for_a_minute() {
    let office = Office::new(Settings::default()).await;
    let file = office.stored("paper.txt", b"0123456789").await;
    let bea = Office::person(office.tenant, 5);
    let path = format!("/files/{file}");
    assert_eq!(get(&office, &bea, &path, &[]).await.status, StatusCode::NOT_FOUND);
    let grant = DownloadGrant { file, person: PersonId::from_u128(5) };
    let until = office.time.now() + Duration::from_mins(1);
    let grant = crypto::token::seal(&office.keyring.key("download-grant"), &grant, until).unwrap();
    let path = format!("{path}?grant={grant}");
    let answer = get(&office, &bea, &path, &[]).await;
    assert_eq!((answer.status, answer.body.as_slice()), (StatusCode::OK, b"0123456789".as_slice()));
    assert_eq!(answer.header(header::CONTENT_DISPOSITION), "attachment; filename=\"paper.txt\"");
    assert_eq!(answer.header(header::X_CONTENT_TYPE_OPTIONS), "nosniff");
    assert_eq!(get(&office, &Office::person(office.tenant, 6), &path, &[]).await.status, StatusCode::NOT_FOUND);
    assert_eq!(get(&office, &Office::person(office.other_tenant, 5), &path, &[]).await.status, StatusCode::NOT_FOUND);
    office.pass(Duration::from_mins(2));
    assert_eq!(get(&office, &bea, &path, &[]).await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn parts_and_versions_are_those_of_the_standard() {
    let office = Office::new(Settings::default()).await;
    let file = office.stored("paper.txt", b"0123456789").await;
    let (ana, path) = (office.ana(), format!("/files/{file}"));
    let part = get(&office, &ana, &path, &[(header::RANGE, "bytes=2-4")]).await;
    assert_eq!((part.status, part.body.as_slice()), (StatusCode::PARTIAL_CONTENT, b"234".as_slice()));
    assert_eq!(part.header(header::CONTENT_RANGE), "bytes 2-4/10");
    assert_eq!(part.header(header::CONTENT_LENGTH), "3");
    let version = part.header(header::ETAG).to_owned();
    assert_eq!(version, format!("\"{}\"", crypto::digest::hex(&crypto::digest::sha256(b"0123456789"))));
    let stale = [(header::RANGE, "bytes=2-4"), (header::IF_RANGE, "\"other\"")];
    assert_eq!(get(&office, &ana, &path, &stale).await.status, StatusCode::OK);
    let beyond = get(&office, &ana, &path, &[(header::RANGE, "bytes=10-")]).await;
    assert_eq!(
        (beyond.status, beyond.header(header::CONTENT_RANGE)),
        (StatusCode::RANGE_NOT_SATISFIABLE, "bytes */10")
    );
    let known = get(&office, &ana, &path, &[(header::IF_NONE_MATCH, &version)]).await;
    assert_eq!((known.status, known.body.len()), (StatusCode::NOT_MODIFIED, 0));
}

#[tokio::test]
async fn the_api_shows_a_file_to_whoever_uploaded_it() {
    let office = Office::new(Settings::default()).await;
    let file = office.stored("paper.txt", b"0123456789").await;
    let path = format!("/api/v1/files/{file}");
    assert_eq!(get(&office, &office.ana(), &path, &[]).await.json()["size_bytes"], 10);
    assert_eq!(
        get(&office, &Office::person(office.tenant, 5), &path, &[]).await.refusal(),
        (404, "FIL-005".to_owned())
    );
}

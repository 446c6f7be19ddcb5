//! The service as its users meet it: uploads and downloads through the kit, on SQLite and a folder of the test's own.

mod downloads;
mod uploads;

use std::{
    path::PathBuf,
    sync::Arc,
    time::{Duration, UNIX_EPOCH},
};

use axum::{Router, body::Body};
use base::{Ambient, Caller, Clock, Id, PersonId, RequestId, TenantId, Timestamp, caller::Person};
use contracts::{
    events::files::FileClaimed,
    ids::{FileId, SubmissionId},
};
use crypto::{CallerTokens, Keyring, SystemRandom, caller_token::CALLER_HEADER};
use http::{HeaderMap, Request, StatusCode, header};
use http_body_util::BodyExt;
use parking_lot::Mutex;
use storage::{NewTenant, Storage};
use tower::ServiceExt;

use crate::{Blobs, Files, Settings, jobs::sweep::sweep};

const BOUNDARY: &str = "b0undary";

/// A part of a form: field, name of the file, content.
type Part<'a> = (&'a str, Option<&'a str>, &'a [u8]);

#[derive(Clone)]
struct Time(Arc<Mutex<Timestamp>>);

impl Clock for Time {
    fn now(&self) -> Timestamp {
        *self.0.lock()
    }
}

struct Office {
    folder: tempfile::TempDir,
    time: Time,
    keyring: Keyring,
    files: Files,
    router: Router,
    tenant: TenantId,
    other_tenant: TenantId,
}

struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: Vec<u8>,
}

impl Answer {
    fn header(&self, name: header::HeaderName) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    /// The status and the error's code.
    fn refusal(&self) -> (u16, String) {
        (self.status.as_u16(), self.json()["code"].as_str().unwrap_or_default().to_owned())
    }
}

impl Office {
    async fn new(settings: Settings) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let time = Time(Arc::new(Mutex::new("2027-03-01T08:00:00Z".parse().unwrap())));
        let ambient = Ambient::new(Arc::new(time.clone()), Arc::new(SystemRandom));
        let storage = Storage::open(storage::Settings::embedded(folder.path()), ambient.clone()).await.unwrap();
        let (tenant, other_tenant) = (tenant(&storage, "uni").await, tenant(&storage, "other").await);
        let db = storage.database("files", &crate::schemas()).await.unwrap();
        let keyring = Keyring::from_secret(&"k".repeat(43).into()).unwrap();
        let blobs = Blobs::in_folder(&folder.path().join("blobs")).unwrap();
        let files = Files::new(db, blobs, &keyring, settings);
        let parts = web::KitParts { ambient, keyring: &keyring, tenants: None };
        let kit = web::Kit::new(web::Settings::default(), parts, &[&crate::SITE]).unwrap();
        let router = kit.mount(crate::service(files.clone()));
        Self { folder, time, keyring, files, router, tenant, other_tenant }
    }

    fn pass(&self, duration: Duration) {
        let mut now = self.time.0.lock();
        *now = *now + duration;
    }

    fn person(tenant: TenantId, number: u128) -> Caller {
        let person = Person {
            id: PersonId::from_u128(number),
            name: "ສົມພອນ Ana".to_owned(),
            language: "en".to_owned(),
            grants: Vec::new(),
            credential: PersonId::from_u128(4).uuid(),
            scopes: None,
        };
        Caller::person(tenant, person, RequestId::from_u128(9))
    }

    fn ana(&self) -> Caller {
        Self::person(self.tenant, 3)
    }

    async fn send(&self, caller: &Caller, request: http::request::Builder, body: impl Into<Body>) -> Answer {
        let until = self.time.now() + Duration::from_mins(1);
        let token = CallerTokens::new(&self.keyring).seal(caller, until).unwrap();
        let request = request.header(CALLER_HEADER, token).header("sec-fetch-site", "same-origin");
        let response = self.router.clone().oneshot(request.body(body.into()).unwrap()).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = body.collect().await.unwrap().to_bytes().to_vec();
        Answer { status: parts.status, headers: parts.headers, body }
    }

    async fn upload(&self, path: &str, parts: &[Part<'_>]) -> Answer {
        let kind = format!("multipart/form-data; boundary={BOUNDARY}");
        self.send(&self.ana(), Request::post(path).header(header::CONTENT_TYPE, kind), multipart(parts)).await
    }

    /// Uploads a file as Ana and returns its id.
    async fn stored(&self, name: &str, content: &[u8]) -> FileId {
        let answer = self.upload("/api/v1/files", &[("file", Some(name), content)]).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{}", String::from_utf8_lossy(&answer.body));
        answer.json()["id"].as_str().unwrap().parse().unwrap()
    }

    /// Hears that another service took the file.
    async fn claim(&self, file: FileId) {
        let event = FileClaimed { file, submission: SubmissionId::from_u128(5), claimed_at: self.time.now() };
        let heard: Result<(), storage::Error> =
            self.files.db.write(&self.ana(), move |tx| Box::pin(crate::jobs::file_claimed::keep(tx, event))).await;
        heard.unwrap();
    }

    /// Everything that lies in the blob folder.
    fn blobs(&self) -> Vec<PathBuf> {
        fn walk(folder: &std::path::Path, found: &mut Vec<PathBuf>) {
            for entry in std::fs::read_dir(folder).unwrap().flatten() {
                if entry.path().is_dir() { walk(&entry.path(), found) } else { found.push(entry.path()) }
            }
        }
        let mut found = Vec::new();
        walk(&self.folder.path().join("blobs"), &mut found);
        found
    }
}

async fn tenant(storage: &Storage, slug: &str) -> TenantId {
    let new = NewTenant {
        slug: slug.to_owned(),
        name: slug.to_owned(),
        name_local: String::new(),
        language: "en".to_owned(),
        zone: "Asia/Vientiane".to_owned(),
        domains: Vec::new(),
    };
    storage.directory().create(new).await.unwrap().id
}

/// A multipart body.
fn multipart(parts: &[Part<'_>]) -> Vec<u8> {
    let mut body = Vec::new();
    for (name, file_name, content) in parts {
        let file_name = file_name.map_or_else(String::new, |name| format!("; filename=\"{name}\""));
        let head = format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"{file_name}\r\n\r\n");
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(content);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(format!("--{BOUNDARY}--\r\n").as_bytes());
    body
}

#[tokio::test]
async fn the_sweep_removes_what_a_crash_left_and_nothing_else() {
    let office = Office::new(Settings::default()).await;
    let kept = office.stored("kept.txt", b"kept").await;
    let (caller, id) = (office.ana(), FileId::from_u128(77));
    let begun: Result<(), storage::Error> = office
        .files
        .db
        .write(&caller, move |tx| Box::pin(crate::store::files::begin(tx, id, PersonId::from_u128(3))))
        .await;
    begun.unwrap();
    let mut incoming = office.files.blobs.begin(office.tenant, id).await.unwrap();
    incoming.write("half".into()).await.unwrap();
    incoming.finish().await.unwrap();
    let beginning = office.folder.path().join(format!("blobs/{}/{}#1", office.tenant, FileId::from_u128(78)));
    std::fs::write(&beginning, "quarter").unwrap();
    let file = std::fs::File::options().write(true).open(&beginning).unwrap();
    file.set_modified(UNIX_EPOCH + office.time.now().since(Timestamp::EPOCH)).unwrap();
    assert_eq!(sweep(&office.files).await.unwrap(), 0);
    office.pass(Duration::from_hours(25));
    assert_eq!((office.blobs().len(), sweep(&office.files).await.unwrap()), (3, 2));
    assert_eq!(sweep(&office.files).await.unwrap(), 0);
    let left = office.blobs();
    assert_eq!(left.len(), 1);
    assert!(left[0].ends_with(kept.to_string()));
}

#[tokio::test]
async fn uploads_that_nobody_handed_in_go_and_those_handed_in_stay() {
    let office = Office::new(Settings::default()).await;
    office.stored("forgotten.txt", b"forgotten").await;
    let claimed = office.stored("claimed.txt", b"claimed").await;
    // The bus delivers at least once.
    office.claim(claimed).await;
    office.claim(claimed).await;
    office.pass(Duration::from_hours(24 * 14));
    assert_eq!(sweep(&office.files).await.unwrap(), 0);
    office.pass(Duration::from_hours(1));
    assert_eq!(sweep(&office.files).await.unwrap(), 1);
    let left = office.blobs();
    assert_eq!(left.len(), 1);
    assert!(left[0].ends_with(claimed.to_string()));
}

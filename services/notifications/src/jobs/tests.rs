//! From events to notifications and mails, over a real database and a real journal.

use std::{io, path::PathBuf, sync::Arc, time::Duration};

use futures_util::{FutureExt, future::BoxFuture};

use base::{Caller, Event, PageRequest, PersonId, TenantId, Timestamp, caller::Person};
use contracts::{
    events::{
        identity::{MailKind, MailRequested},
        people::{PersonChanged, PersonStatus},
        projects::{ChangesRequested, FinalSubmitted, ProjectCard, ProposalSubmitted, TopicReturned},
    },
    ids::{CycleId, MailId, ProjectId, SubmissionId, TopicId},
    passes::{MAIL_LINK_PURPOSE, mail_link_context},
};
use crypto::Keyring;
use messaging::{Journal, Messaging};
use runtime::testing::{FakeClock, ambient};
use storage::{Database, NewTenant, Storage};

use crate::{
    Error, Notifications, Parts, Settings,
    actions::{Notification, list_notifications::list_notifications, mark_read::mark_read},
    jobs::send_mails::{
        send_due, sweep,
        transport::{Folder, Parcel, Transport},
    },
    model::kind::Kind,
    store::{self, mail::Link},
};

pub(crate) const STUDENT: PersonId = PersonId::from_u128(1);
pub(crate) const SUPERVISOR: PersonId = PersonId::from_u128(2);

pub(crate) struct Campus {
    folder: tempfile::TempDir,
    clock: FakeClock,
    pub(crate) tenant: TenantId,
    pub(crate) elsewhere: Database,
    messaging: Messaging,
    pub(crate) notifications: Notifications,
}

/// A transport that is never there.
struct Broken;

impl Transport for Broken {
    fn deliver(&self, _: Parcel) -> BoxFuture<'_, io::Result<()>> {
        async { Err(io::Error::other("no way")) }.boxed()
    }
}

impl Campus {
    pub(crate) async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let transport = Arc::new(Folder::new(folder.path().join("mails")));
        Self::with(folder, transport).await
    }

    async fn with(folder: tempfile::TempDir, transport: Arc<dyn Transport>) -> Self {
        let clock = FakeClock::at("2027-06-01T09:00:00Z".parse().unwrap());
        let storage = Storage::open(storage::Settings::embedded(folder.path()), ambient(&clock, 5)).await.unwrap();
        let new = NewTenant {
            slug: "nuol".to_owned(),
            name: "National University".to_owned(),
            name_local: "ມະຫາວິທະຍາໄລແຫ່ງຊາດ".to_owned(),
            language: "lo".to_owned(),
            zone: "Asia/Vientiane".to_owned(),
            domains: Vec::new(),
        };
        let tenant = storage.directory().create(new).await.unwrap().id;
        let elsewhere = storage.database("elsewhere", &[messaging::SCHEMA]).await.unwrap();
        let db = storage.database("notifications", &crate::schemas()).await.unwrap();
        let notifications =
            Notifications::new(Parts { db: db.clone(), keyring: keyring(), transport, settings: Settings::default() })
                .unwrap();
        let bus = Arc::new(Journal::open(&storage).await.unwrap());
        let messaging =
            Messaging::new(bus).with(elsewhere.clone(), Vec::new()).with(db, crate::consumers(&notifications));
        Self { folder, clock, tenant, elsewhere, messaging, notifications }
    }

    fn system(&self) -> Caller {
        Caller::system(self.tenant, "test", self.elsewhere.ambient().id())
    }

    pub(crate) fn person(&self, id: PersonId) -> Caller {
        let person = Person {
            id,
            name: "Noy".to_owned(),
            language: "lo".to_owned(),
            grants: Vec::new(),
            credential: uuid::Uuid::nil(),
            scopes: None,
        };
        Caller::person(self.tenant, person, self.elsewhere.ambient().id())
    }

    async fn happen<E: Event>(&self, event: E) {
        self.elsewhere
            .write(&self.system(), move |tx| async move { messaging::emit(tx, &event).await }.boxed())
            .await
            .unwrap();
        self.messaging.drain().await.unwrap();
    }

    async fn knows(&self, person: PersonId, name: &str, email: Option<&str>, language: &str) {
        self.happen(PersonChanged {
            person,
            version: 1,
            name: name.to_owned(),
            family_name: String::new(),
            given_name: name.to_owned(),
            email: email.map(ToOwned::to_owned),
            language: language.to_owned(),
            status: PersonStatus::Active,
            numbers: Vec::new(),
            changed_at: self.elsewhere.ambient().now(),
        })
        .await;
    }

    pub(crate) async fn submitted(&self) {
        let happened_at = self.elsewhere.ambient().now();
        self.happen(ProposalSubmitted { card: card(), by: Some(STUDENT), happened_at, version: 1 }).await;
    }

    pub(crate) async fn told(&self, person: PersonId) -> Vec<Notification> {
        let caller = self.person(person);
        let list = self
            .notifications
            .db()
            .read(&caller, |tx| async move { list_notifications(tx, false, &PageRequest::default()).await }.boxed());
        list.await.unwrap().0.items
    }

    async fn mails(&self) -> Vec<(String, i64)> {
        self.notifications.db().read(&self.system(), |tx| crate::store::mail::count(tx).boxed()).await.unwrap()
    }

    fn files(&self) -> Vec<PathBuf> {
        let Ok(files) = std::fs::read_dir(self.folder.path().join("mails/nuol")) else { return Vec::new() };
        let mut files: Vec<_> = files.map(|file| file.unwrap().path()).collect();
        files.sort();
        files
    }
}

fn keyring() -> Keyring {
    Keyring::from_secret(&"k".repeat(43).into()).unwrap()
}

fn card() -> ProjectCard {
    ProjectCard {
        project: ProjectId::from_u128(9),
        cycle: CycleId::from_u128(8),
        title: "ລະບົບແຈ້ງເຕືອນນ້ຳ".to_owned(),
        members: vec![STUDENT],
        supervisors: vec![SUPERVISOR],
    }
}

#[tokio::test]
async fn those_concerned_are_told_and_not_who_did_it() {
    let campus = Campus::new().await;
    campus.submitted().await;
    let told = campus.told(SUPERVISOR).await;
    assert_eq!(told.len(), 1);
    assert_eq!(
        (told[0].kind, told[0].link.as_str()),
        (Kind::ProposalSubmitted, "/projects/00000000-0000-0000-0000-000000000009")
    );
    assert!(campus.told(STUDENT).await.is_empty());
}

#[tokio::test]
async fn whoever_hands_in_the_final_work_gets_a_receipt() {
    let campus = Campus::new().await;
    let happened_at = campus.elsewhere.ambient().now();
    campus
        .happen(FinalSubmitted {
            card: card(),
            by: Some(STUDENT),
            happened_at,
            submission: SubmissionId::from_u128(4),
            receipt: "R-1".to_owned(),
            sha256: "00".to_owned(),
        })
        .await;
    let receipt = campus.told(STUDENT).await;
    assert_eq!((receipt[0].kind, receipt[0].arguments.get("receipt")), (Kind::FinalReceived, Some("R-1")));
    assert_eq!(campus.told(SUPERVISOR).await[0].kind, Kind::FinalSubmitted);
}

#[tokio::test]
async fn a_supervisor_is_told_why_their_topic_came_back_by_another_alone() {
    let campus = Campus::new().await;
    let returned = |by| TopicReturned {
        topic: TopicId::from_u128(7),
        cycle: CycleId::from_u128(8),
        title: "Rivers".to_owned(),
        supervisor: SUPERVISOR,
        by: Some(by),
        happened_at: campus.elsewhere.ambient().now(),
        reason: "Name the river".to_owned(),
    };
    campus.happen(returned(SUPERVISOR)).await;
    assert!(campus.told(SUPERVISOR).await.is_empty());
    campus.happen(returned(STUDENT)).await;
    let told = campus.told(SUPERVISOR).await;
    assert_eq!((told[0].kind, told[0].arguments.get("reason")), (Kind::TopicReturned, Some("Name the river")));
    assert_eq!(told[0].link, "/topics/00000000-0000-0000-0000-000000000007");
    assert_eq!(campus.mails().await, [("waiting".to_owned(), 1)]);
}

#[tokio::test]
async fn a_notification_is_marked_by_its_own_reader_alone() {
    let campus = Campus::new().await;
    campus.submitted().await;
    let id = campus.told(SUPERVISOR).await[0].id;
    let mark = async |person| {
        campus.notifications.db().write(&campus.person(person), move |tx| mark_read(tx, id).boxed()).await
    };
    assert!(matches!(mark(STUDENT).await, Err(Error::UnknownNotification)));
    mark(SUPERVISOR).await.unwrap();
    assert!(campus.told(SUPERVISOR).await[0].read_at.is_some());
}

#[tokio::test]
async fn a_mail_is_written_in_the_readers_language_and_its_words_are_forgotten() {
    let campus = Campus::new().await;
    campus.knows(SUPERVISOR, "ອາຈານ ນ້ອຍ", Some("noy@uni.example"), "lo").await;
    campus.submitted().await;
    assert_eq!(send_due(&campus.notifications).await.unwrap(), 1);
    let files = campus.files();
    assert_eq!(files.len(), 1);
    let text = std::fs::read_to_string(&files[0]).unwrap();
    assert!(text.is_ascii(), "{text}");
    let id = files[0].file_stem().unwrap().to_str().unwrap();
    assert!(text.contains(&format!("Message-ID: <{id}@localhost.localdomain>")), "{text}");
    assert!(text.contains("Date: Tue, 01 Jun 2027 09:00:00 +0000"), "{text}");
    assert!(text.contains("Subject: =?utf-8?b?") && text.contains("To: =?utf-8?b?"), "{text}");
    assert!(text.contains("Content-Language: lo") && text.contains("multipart/alternative"), "{text}");
    assert_eq!(campus.mails().await, [("sent".to_owned(), 1)]);
    assert_eq!(send_due(&campus.notifications).await.unwrap(), 0);
}

#[tokio::test]
async fn a_mail_that_identity_asks_for_goes_to_the_address_it_names() {
    let campus = Campus::new().await;
    let requested = requested(&campus);
    campus.happen(MailRequested { sealed_link: Some(sealed(&campus, "/reset?token=abc")), ..requested }).await;
    send_due(&campus.notifications).await.unwrap();
    let text = std::fs::read_to_string(&campus.files()[0]).unwrap();
    assert!(text.contains("To: Ana <ana@uni.example>"), "{text}");
    assert!(text.contains("http://localhost:8080/reset?token=3Dabc") || text.contains("reset?token=abc"), "{text}");
    assert!(text.contains("2027-06-01 17:00"), "{text}");
}

/// An event of the journal may be as old as the journal keeps it.
#[tokio::test]
async fn a_mail_requested_before_links_were_sealed_is_sent_and_its_link_does_not_rest_here() {
    let campus = Campus::new().await;
    let requested = requested(&campus);
    campus.happen(MailRequested { link: "/reset?token=abc".to_owned(), ..requested }).await;
    let mails = campus.notifications.db();
    let waiting = mails
        .write(&campus.system(), |tx| store::mail::claim(tx, MailId::from_u128(77), Timestamp::EPOCH).boxed())
        .await
        .unwrap()
        .unwrap();
    assert!(matches!(&waiting.draft.link, Link::Sealed(sealed) if !sealed.contains("abc")));
    send_due(&campus.notifications).await.unwrap();
    let text = std::fs::read_to_string(&campus.files()[0]).unwrap();
    assert!(text.contains("token=3Dabc") || text.contains("token=abc"), "{text}");
}

#[tokio::test]
async fn a_link_sealed_for_another_mail_is_not_sent() {
    let campus = Campus::new().await;
    let requested = requested(&campus);
    let moved = sealed(&campus, "/reset?token=abc");
    campus.happen(MailRequested { mail: MailId::from_u128(78), sealed_link: Some(moved), ..requested }).await;
    assert_eq!(send_due(&campus.notifications).await.unwrap(), 1);
    assert_eq!(campus.mails().await, [("waiting".to_owned(), 1)]);
    assert!(campus.files().is_empty());
}

/// A mail asked for, without any link yet.
fn requested(campus: &Campus) -> MailRequested {
    let now = campus.elsewhere.ambient().now();
    MailRequested {
        mail: MailId::from_u128(77),
        person: STUDENT,
        kind: MailKind::PasswordReset,
        to_address: "ana@uni.example".to_owned(),
        to_name: "Ana".to_owned(),
        language: "en".to_owned(),
        link: String::new(),
        sealed_link: None,
        link_until: Some(now + Duration::from_hours(1)),
        requested_at: now,
    }
}

/// Seals a link for mail 77.
fn sealed(campus: &Campus, link: &str) -> String {
    let context = mail_link_context(campus.tenant, MailId::from_u128(77));
    keyring().seal_key(MAIL_LINK_PURPOSE).seal(campus.elsewhere.ambient(), &context, &link.into()).unwrap()
}

#[tokio::test]
async fn a_mail_waits_for_a_card_that_has_not_come_and_none_is_sent_without_an_address() {
    let campus = Campus::new().await;
    campus.submitted().await;
    send_due(&campus.notifications).await.unwrap();
    assert_eq!(campus.mails().await, [("waiting".to_owned(), 1)]);
    campus.knows(SUPERVISOR, "Noy", None, "en").await;
    campus.clock.advance(Duration::from_mins(1));
    send_due(&campus.notifications).await.unwrap();
    assert_eq!(campus.mails().await, [("skipped".to_owned(), 1)]);
    assert!(campus.files().is_empty());
}

#[tokio::test]
async fn a_mail_that_cannot_be_handed_over_is_tried_again_and_given_up_at_last() {
    let campus = Campus::with(tempfile::tempdir().unwrap(), Arc::new(Broken)).await;
    campus.knows(SUPERVISOR, "Noy", Some("noy@uni.example"), "en").await;
    campus.submitted().await;
    let mut tried = 0;
    for _ in 0..20 {
        tried += send_due(&campus.notifications).await.unwrap();
        campus.clock.advance(Duration::from_hours(6));
    }
    assert_eq!(tried, 8);
    assert_eq!(campus.mails().await, [("dead".to_owned(), 1)]);
}

#[tokio::test]
async fn an_event_of_many_items_is_told_in_one_sentence() {
    let campus = Campus::new().await;
    let happened_at = campus.elsewhere.ambient().now();
    let items = vec!["Scope".to_owned(), "Sources".to_owned()];
    campus.happen(ChangesRequested { card: card(), by: Some(SUPERVISOR), happened_at, version: 1, items }).await;
    let told = campus.told(STUDENT).await;
    let sentence = campus.notifications.writer().sentence("en", told[0].kind, &told[0].arguments);
    assert_eq!(sentence, "Changes were requested to “ລະບົບແຈ້ງເຕືອນນ້ຳ” (items: 2)");
}

#[tokio::test]
async fn what_is_old_is_removed() {
    let campus = Campus::new().await;
    campus.knows(SUPERVISOR, "Noy", None, "en").await;
    campus.submitted().await;
    send_due(&campus.notifications).await.unwrap();
    assert_eq!(sweep(&campus.notifications).await.unwrap(), 0);
    campus.clock.advance(Duration::from_hours(24 * 400));
    assert_eq!(sweep(&campus.notifications).await.unwrap(), 2);
}

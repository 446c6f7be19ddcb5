//! Records over a real database.

use std::time::Duration;

use futures_util::FutureExt;
use serde_json::json;

use base::{Caller, Page, PageRequest, PersonId, Timestamp, caller::Person};
use runtime::testing::{FakeClock, ambient};
use storage::{Database, NewTenant, Settings, Storage};

use crate::{Entry, Filter, Outcome, Record, denied, list, record};

struct Office {
    _folder: tempfile::TempDir,
    clock: FakeClock,
    database: Database,
    caller: Caller,
}

impl Office {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = FakeClock::at("2027-06-01T09:00:00Z".parse().unwrap());
        let storage = Storage::open(Settings::embedded(folder.path()), ambient(&clock, 3)).await.unwrap();
        let tenant = |slug: &str| NewTenant {
            slug: slug.to_owned(),
            name: slug.to_owned(),
            name_local: slug.to_owned(),
            language: "en".to_owned(),
            zone: "UTC".to_owned(),
            domains: Vec::new(),
        };
        let tenant = storage.directory().create(tenant("uni")).await.unwrap().id;
        let database = storage.database("office", &[crate::SCHEMA]).await.unwrap();
        let caller = Caller::system(tenant, "test", storage.ambient().id());
        Self { _folder: folder, clock, database, caller }
    }

    async fn record(&self, caller: &Caller, entry: Entry) {
        self.clock.advance(Duration::from_secs(1));
        self.database.write(caller, move |tx| record(tx, entry).boxed()).await.unwrap();
    }

    async fn list(&self, filter: Filter, request: PageRequest) -> Page<Record> {
        let read = self.database.read(&self.caller, move |tx| async move { list(tx, &filter, &request).await }.boxed());
        read.await.unwrap()
    }

    async fn actions(&self, filter: Filter) -> Vec<String> {
        let page = self.list(filter, PageRequest::default()).await;
        page.items.into_iter().map(|record| record.action).collect()
    }

    fn person(&self, id: u128) -> Caller {
        let person = Person {
            id: PersonId::from_u128(id),
            name: "Noy".to_owned(),
            language: "lo".to_owned(),
            grants: Vec::new(),
            credential: uuid::Uuid::nil(),
            scopes: None,
        };
        Caller::person(self.caller.tenant(), person, self.caller.request())
    }
}

#[test]
fn no_statement_changes_or_removes_a_record() {
    for statement in crate::store::STATEMENTS {
        assert!(statement.sql.starts_with("INSERT") || statement.sql.starts_with("SELECT"), "{}", statement.sql);
        assert!(!statement.sql.contains("ON CONFLICT"), "{}", statement.sql);
    }
}

#[tokio::test]
async fn a_record_says_who_did_what_to_what() {
    let office = Office::new().await;
    let entry = Entry::new("office.key.lend").object("key", 7).detail(&json!({ "door": 3 }));
    office.record(&office.person(9), entry).await;
    let page = office.list(Filter::default(), PageRequest::default()).await;
    let record = &page.items[0];
    assert_eq!(
        (record.actor.as_str(), record.action.as_str()),
        (&*PersonId::from_u128(9).to_string(), "office.key.lend")
    );
    assert_eq!((record.object_kind.as_str(), record.object.as_str()), ("key", "7"));
    assert_eq!((record.outcome, record.detail.as_str()), (Outcome::Done, r#"{"door":3}"#));
    assert_eq!(record.request, office.caller.request());
}

#[tokio::test]
async fn what_is_rolled_back_leaves_no_record_and_what_is_denied_does() {
    let office = Office::new().await;
    let refused = office.database.write(&office.caller, |tx| {
        async move {
            record(tx, Entry::new("office.key.lend")).await?;
            Err::<(), _>(storage::Error::Contended)
        }
        .boxed()
    });
    assert!(refused.await.is_err());
    denied(&office.database, &office.caller, Entry::new("office.safe.open")).await.unwrap();
    let page = office.list(Filter::default(), PageRequest::default()).await;
    assert_eq!(page.items.len(), 1);
    assert_eq!((page.items[0].action.as_str(), page.items[0].outcome), ("office.safe.open", Outcome::Denied));
}

#[tokio::test]
async fn records_are_found_by_object_person_action_and_time() {
    let office = Office::new().await;
    let (one, two) = (office.person(1), office.person(2));
    office.record(&one, Entry::new("office.key.lend").object("key", 1)).await;
    office.record(&two, Entry::new("office.key.return").object("key", 1)).await;
    office.record(&two, Entry::new("office.door.close").object("door", 1)).await;
    let key = Some(("key".to_owned(), "1".to_owned()));
    let person = Some(PersonId::from_u128(2));
    let start: Timestamp = "2027-06-01T09:00:00Z".parse().unwrap();

    let of_key = Filter { object: key.clone(), ..Filter::default() };
    assert_eq!(office.actions(of_key).await, ["office.key.return", "office.key.lend"]);
    let of_two = Filter { person, ..Filter::default() };
    assert_eq!(office.actions(of_two).await, ["office.door.close", "office.key.return"]);
    let of_both = Filter { object: key, person, ..Filter::default() };
    assert_eq!(office.actions(of_both).await, ["office.key.return"]);
    let of_doors = Filter { action: "office.door.".to_owned(), ..Filter::default() };
    assert_eq!(office.actions(of_doors).await, ["office.door.close"]);
    let second = Filter {
        from: Some(start + Duration::from_secs(2)),
        until: Some(start + Duration::from_secs(3)),
        ..Filter::default()
    };
    assert_eq!(office.actions(second).await, ["office.key.return"]);
}

#[tokio::test]
async fn pages_follow_each_other_without_gap_or_overlap() {
    let office = Office::new().await;
    for n in 0..7 {
        office.record(&office.caller, Entry::new("office.bell.ring").object("bell", n)).await;
    }
    let mut seen = Vec::new();
    let mut request = PageRequest::first(3);
    loop {
        let page = office.list(Filter::default(), request.clone()).await;
        seen.extend(page.items.into_iter().map(|record| record.object));
        match page.next {
            Some(next) => request.after = Some(next),
            None => break,
        }
    }
    assert_eq!(seen, ["6", "5", "4", "3", "2", "1", "0"]);
}

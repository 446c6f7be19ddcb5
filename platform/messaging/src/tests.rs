//! Delivery over a real SQLite journal: what is lost, doubled, out of order or stuck is found here.

use std::{sync::Arc, time::Duration};

use futures_util::FutureExt;
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use base::{Caller, Event, PageRequest, TenantId, Timestamp};
use runtime::{
    Shutdown,
    testing::{FakeClock, ambient},
};
use storage::{Database, NewTenant, Settings, Storage, Tx};

use crate::{Bus, Consumer, Journal, Messaging, dead_letters, emit, outbox, relay::Relay};

#[derive(Debug, Serialize, Deserialize)]
struct Painted {
    wall: u128,
    colour: String,
}

impl Event for Painted {
    const TYPE: &'static str = "house.wall.painted";

    fn key(&self) -> Uuid {
        Uuid::from_u128(self.wall)
    }
}

/// What a consumer did, in order. Kept outside the database, so that it shows attempts too.
type Seen = Arc<Mutex<Vec<String>>>;

struct House {
    _folder: tempfile::TempDir,
    clock: FakeClock,
    journal: Journal,
    painter: Database,
    owner: Database,
    tenant: TenantId,
    seen: Seen,
}

impl House {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = FakeClock::at("2027-06-01T09:00:00Z".parse().unwrap());
        let storage = Storage::open(Settings::embedded(folder.path()), ambient(&clock, 7)).await.unwrap();
        let new = NewTenant {
            slug: "uni".to_owned(),
            name: "University".to_owned(),
            name_local: "University".to_owned(),
            language: "en".to_owned(),
            zone: "UTC".to_owned(),
            domains: Vec::new(),
        };
        let tenant = storage.directory().create(new).await.unwrap().id;
        let painter = storage.database("painter", &[crate::SCHEMA]).await.unwrap();
        let owner = storage.database("owner", &[crate::SCHEMA]).await.unwrap();
        let journal = Journal::open(&storage).await.unwrap();
        Self { _folder: folder, clock, journal, painter, owner, tenant, seen: Seen::default() }
    }

    fn caller(&self) -> Caller {
        Caller::system(self.tenant, "test", self.painter.ambient().id())
    }

    async fn paint(&self, wall: u128, colours: &[&str]) {
        let events: Vec<_> = colours.iter().map(|colour| Painted { wall, colour: (*colour).to_owned() }).collect();
        self.painter
            .write(&self.caller(), move |tx| {
                async move {
                    for event in &events {
                        emit(tx, event).await?;
                    }
                    Ok::<_, storage::Error>(())
                }
                .boxed()
            })
            .await
            .unwrap();
    }

    /// The owner refuses colours that begin with `bad`.
    fn messaging(&self) -> Messaging {
        let seen = Arc::clone(&self.seen);
        let owner = Consumer::new("owner.walls").attempts(3).on(move |_: &mut Tx, event: Painted| {
            seen.lock().push(format!("{}{}", event.wall, event.colour));
            let refused = event.colour.starts_with("bad");
            async move { if refused { Err(std::io::Error::other("an ugly colour")) } else { Ok(()) } }.boxed()
        });
        Messaging::new(Arc::new(self.journal.clone()))
            .with(self.painter.clone(), Vec::new())
            .with(self.owner.clone(), vec![owner])
    }

    fn seen(&self) -> Vec<String> {
        self.seen.lock().clone()
    }

    async fn dead(&self) -> Vec<dead_letters::DeadLetter> {
        self.owner
            .read(&self.caller(), |tx| async move { dead_letters::list(tx, &PageRequest::default()).await }.boxed())
            .await
            .unwrap()
            .items
    }
}

#[tokio::test]
async fn what_is_rolled_back_is_not_emitted() {
    let house = House::new().await;
    let outcome = house
        .painter
        .write(&house.caller(), |tx| {
            async move {
                emit(tx, &Painted { wall: 1, colour: "red".to_owned() }).await?;
                Err::<(), _>(storage::Error::Contended)
            }
            .boxed()
        })
        .await;
    assert!(outcome.is_err());
    house.messaging().drain().await.unwrap();
    assert_eq!(house.seen(), [""; 0]);
}

#[tokio::test]
async fn a_crash_between_the_journal_and_the_outbox_does_not_double() {
    let house = House::new().await;
    house.paint(1, &["red", "green"]).await;
    // The relay publishes and dies before it forgets.
    let waiting = outbox::waiting(&house.painter, 0, 500).await.unwrap();
    let envelopes = waiting.into_iter().map(|event| event.into_envelope("painter")).collect();
    house.journal.publish(0, envelopes).await.unwrap();
    assert_eq!(outbox::depth(&house.painter, 0).await.unwrap().events, 2);

    house.messaging().drain().await.unwrap();
    assert_eq!(outbox::depth(&house.painter, 0).await.unwrap().events, 0);
    assert_eq!(house.seen(), ["1red", "1green"]);
    let kept = house.journal.fetch(0, "somebody.else", 500).await.unwrap().deliveries;
    assert_eq!(kept.len(), 2);
}

#[tokio::test]
async fn an_event_delivered_twice_has_one_effect() {
    let house = House::new().await;
    house.paint(1, &["red"]).await;
    let messaging = house.messaging();
    messaging.drain().await.unwrap();
    // The cursor is lost, as when a consumer dies before it acknowledges; the inbox is not.
    house.journal.rewind(0, "owner.walls", Timestamp::EPOCH).await.unwrap();
    messaging.drain().await.unwrap();
    assert_eq!(house.seen(), ["1red"]);
}

#[tokio::test]
async fn the_events_of_a_key_arrive_in_order_however_they_are_cut_into_batches() {
    let house = House::new().await;
    let mut expected = Vec::new();
    for round in 0..7 {
        let colours: Vec<String> = (0..200).map(|n| format!("c{}", round * 200 + n)).collect();
        let colours: Vec<&str> = colours.iter().map(String::as_str).collect();
        house.paint(1, &colours).await;
        expected.extend(colours.iter().map(|colour| format!("1{colour}")));
    }
    assert_eq!(house.messaging().drain().await.unwrap(), 3);
    assert_eq!(house.seen(), expected);
}

#[tokio::test]
async fn two_relays_of_one_outbox_neither_double_nor_reorder() {
    let house = House::new().await;
    let relay = || Relay { database: house.painter.clone(), shard: 0, bus: Arc::new(house.journal.clone()) };
    let (one, two) = (relay(), relay());
    for n in 0..40 {
        house.paint(1, &[&format!("c{n}")]).await;
        let (first, second) = tokio::join!(one.step(), two.step());
        first.unwrap();
        second.unwrap();
    }
    house.messaging().drain().await.unwrap();
    let expected: Vec<_> = (0..40).map(|n| format!("1c{n}")).collect();
    assert_eq!(house.seen(), expected);
}

#[tokio::test]
async fn a_failing_event_holds_up_its_key_and_no_other_and_dies_after_its_attempts() {
    let house = House::new().await;
    let messaging = house.messaging();
    house.paint(1, &["bad", "red"]).await;
    house.paint(2, &["blue"]).await;
    messaging.drain().await.unwrap();
    let mut seen = house.seen();
    seen.sort();
    assert_eq!(seen, ["1bad", "2blue"]);
    assert_eq!(dead_letters::count(&house.owner, 0).await.unwrap(), dead_letters::Counts { parked: 2, dead: 0 });

    // Later ones of the key queue up behind it.
    house.paint(1, &["green"]).await;
    for _ in 0..2 {
        house.clock.advance(Duration::from_mins(10));
        messaging.drain().await.unwrap();
    }
    let mut after = house.seen();
    after.drain(..2);
    assert_eq!(after, ["1bad", "1bad", "1red", "1green"]);
    let dead = house.dead().await;
    assert_eq!(dead.len(), 1);
    assert_eq!((dead[0].attempts, dead[0].reason.as_str()), (3, "an ugly colour"));
    assert_eq!(dead[0].event_type().as_deref(), Some(Painted::TYPE));
}

#[tokio::test]
async fn a_dead_letter_can_be_sent_again() {
    let house = House::new().await;
    let messaging = house.messaging();
    house.paint(1, &["bad"]).await;
    for _ in 0..3 {
        messaging.drain().await.unwrap();
        house.clock.advance(Duration::from_mins(10));
    }
    let dead = house.dead().await;
    let (consumer, event) = (dead[0].consumer.clone(), dead[0].event);
    house
        .owner
        .write(&house.caller(), move |tx| async move { dead_letters::send_again(tx, &consumer, event).await }.boxed())
        .await
        .unwrap();
    assert!(house.dead().await.is_empty());
    messaging.drain().await.unwrap();
    assert_eq!(house.seen().len(), 4);
}

#[tokio::test]
async fn a_replay_shows_again_what_happened_since() {
    let house = House::new().await;
    let messaging = house.messaging();
    house.paint(1, &["red"]).await;
    messaging.drain().await.unwrap();
    house.clock.advance(Duration::from_hours(1));
    let from = house.painter.ambient().now();
    house.paint(1, &["green"]).await;
    messaging.drain().await.unwrap();
    assert!(messaging.replay("owner.walls", from).await.unwrap());
    assert!(!messaging.replay("nobody", from).await.unwrap());
    messaging.drain().await.unwrap();
    assert_eq!(house.seen(), ["1red", "1green", "1green"]);
}

#[tokio::test]
async fn old_events_are_swept() {
    let house = House::new().await;
    let messaging = house.messaging();
    house.paint(1, &["red"]).await;
    messaging.drain().await.unwrap();
    assert_eq!(messaging.sweep().await.unwrap(), 0);
    house.clock.advance(Duration::from_hours(24 * 40));
    assert_eq!(messaging.sweep().await.unwrap(), 2);
}

#[tokio::test]
async fn running_tasks_deliver_without_being_asked_and_end_when_told() {
    let house = House::new().await;
    let shutdown = Shutdown::new();
    house.messaging().start(&shutdown);
    house.paint(1, &["red"]).await;
    let arrived = async {
        while house.seen().is_empty() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), arrived).await.unwrap();
    shutdown.drain(Duration::from_secs(10)).await.unwrap();
}

//! Outbox, bus and consumers together, on every bus: what fails, dies and is shown again.

use std::{sync::Arc, time::Duration};

use base::{Caller, Event, PageRequest, TenantId, Timestamp};
use futures_util::FutureExt;
use messaging::{Bus, Consumer, EventId, Messaging, dead_letters, emit};
use parking_lot::Mutex;
use runtime::Shutdown;
use serde::{Deserialize, Serialize};
use storage::{Database, Storage, Tx};
use testkit::{Installation, engine, every_bus};
use uuid::Uuid;

every_bus! {
    async fn a_failing_event_dies_with_its_reason_and_can_be_sent_again(installation: Installation) {
        let house = House::new(&installation).await;
        house.paint(1, &["bad", "red"]).await;
        house.paint(2, &["blue"]).await;
        for _ in 0..3 {
            house.messaging.drain().await.unwrap();
            installation.clock.advance(Duration::from_mins(10));
        }
        // The one after it waited, and so kept its place; the other key passed.
        let seen = house.seen();
        assert_eq!(seen.iter().filter(|entry| *entry == "1bad").count(), 3);
        assert!(seen.contains(&"2blue".to_owned()), "{seen:?}");
        assert_eq!(seen.last().unwrap(), "1red", "{seen:?}");
        let dead = house.dead().await;
        assert_eq!((dead.len(), dead[0].reason.as_str()), (1, "an ugly colour"));

        let (consumer, event) = (dead[0].consumer.clone(), dead[0].event);
        let again = house.owner.write(&house.caller, move |tx| send_again(tx, consumer, event).boxed());
        again.await.unwrap();
        house.messaging.drain().await.unwrap();
        assert_eq!(house.seen().last().unwrap(), "1bad");
    }

    async fn what_was_given_up_is_counted_by_consumer_and_can_be_discarded(installation: Installation) {
        let house = House::new(&installation).await;
        house.paint(1, &["bad"]).await;
        house.messaging.drain().await.unwrap();
        let counts = async || dead_letters::count_of(&house.owner, 0, "owner.walls").await.unwrap();
        assert_eq!((counts().await.parked, counts().await.dead), (1, 0));
        let waiting = house.parked_event().await;
        assert!(house.discard(waiting).await.is_err(), "what is tried again is not given up");
        for _ in 0..2 {
            installation.clock.advance(Duration::from_mins(10));
            house.messaging.drain().await.unwrap();
        }
        assert_eq!((counts().await.parked, counts().await.dead), (0, 1));
        house.discard(waiting).await.unwrap();
        assert_eq!((counts().await.parked, counts().await.dead), (0, 0));
        assert!(house.discard(waiting).await.is_err());
    }

    async fn a_replay_from_another_process_reaches_the_consumer(installation: Installation) {
        let house = House::new(&installation).await;
        house.paint(1, &["red"]).await;
        house.messaging.drain().await.unwrap();
        // As a command does: with the bus and the database, and no consumer.
        let storage = installation.storage().await;
        let bus = installation.bus(&storage, &Shutdown::new()).await;
        messaging::replay(&*bus, &house.owner, "owner.walls", Timestamp::EPOCH).await.unwrap();
        house.messaging.drain().await.unwrap();
        assert_eq!(house.seen(), ["1red", "1red"]);
    }

    async fn a_long_row_of_one_key_arrives_in_order_once(installation: Installation) {
        let house = House::new(&installation).await;
        let colours: Vec<String> = (0..1_200).map(|n| format!("c{n}")).collect();
        house.paint(1, &colours.iter().map(String::as_str).collect::<Vec<_>>()).await;
        house.messaging.drain().await.unwrap();
        assert_eq!(house.seen(), colours.iter().map(|colour| format!("1{colour}")).collect::<Vec<_>>());
    }

    async fn a_replay_has_its_effect_again(installation: Installation) {
        let house = House::new(&installation).await;
        house.paint(1, &["red", "green"]).await;
        house.messaging.drain().await.unwrap();
        assert!(house.messaging.replay("owner.walls", Timestamp::EPOCH).await.unwrap());
        house.messaging.drain().await.unwrap();
        assert_eq!(house.seen(), ["1red", "1green", "1red", "1green"]);
    }
}

async fn send_again(tx: &mut Tx, consumer: String, event: EventId) -> messaging::Result<()> {
    dead_letters::send_again(tx, &consumer, event).await
}

async fn discard(tx: &mut Tx, event: EventId) -> messaging::Result<()> {
    dead_letters::discard(tx, "owner.walls", event).await
}

#[derive(Serialize, Deserialize)]
pub(super) struct Painted {
    wall: u128,
    colour: String,
}

impl Event for Painted {
    const TYPE: &'static str = "house.wall.painted";

    fn key(&self) -> Uuid {
        Uuid::from_u128(self.wall)
    }
}

/// A service that emits, and one that consumes and refuses colours that begin with `bad`.
pub(super) struct House {
    pub(super) painter: Database,
    owner: Database,
    caller: Caller,
    bus: Arc<dyn Bus>,
    seen: Arc<Mutex<Vec<String>>>,
    pub(super) messaging: Messaging,
}

impl House {
    async fn new(installation: &Installation) -> Self {
        let storage = installation.storage().await;
        let bus = installation.bus(&storage, &Shutdown::new()).await;
        Self::over(&storage, bus).await
    }

    pub(super) async fn over(storage: &Storage, bus: Arc<dyn Bus>) -> Self {
        let tenant: TenantId = engine::tenant(storage, "uni").await.id;
        let painter = storage.database("painter", &[messaging::SCHEMA]).await.unwrap();
        let owner = storage.database("owner", &[messaging::SCHEMA]).await.unwrap();
        let caller = Caller::system(tenant, "test", painter.ambient().id());
        let seen = Arc::<Mutex<Vec<String>>>::default();
        let noted = Arc::clone(&seen);
        let walls = Consumer::new("owner.walls").attempts(3).on(move |_: &mut Tx, event: Painted| {
            noted.lock().push(format!("{}{}", event.wall, event.colour));
            let refused = event.colour.starts_with("bad");
            async move { if refused { Err(std::io::Error::other("an ugly colour")) } else { Ok(()) } }.boxed()
        });
        let messaging =
            Messaging::new(Arc::clone(&bus)).with(painter.clone(), Vec::new()).with(owner.clone(), vec![walls]);
        Self { painter, owner, caller, bus, seen, messaging }
    }

    pub(super) async fn paint(&self, wall: u128, colours: &[&str]) {
        let events: Vec<_> = colours.iter().map(|colour| Painted { wall, colour: (*colour).to_owned() }).collect();
        self.painter.write(&self.caller, move |tx| emit_all(tx, events).boxed()).await.unwrap();
    }

    pub(super) fn seen(&self) -> Vec<String> {
        self.seen.lock().clone()
    }

    /// Returns the id of the one event on the bus.
    async fn parked_event(&self) -> EventId {
        self.bus.read(0, 0, 1).await.unwrap()[0].envelope.id
    }

    async fn discard(&self, event: EventId) -> messaging::Result<()> {
        self.owner.write(&self.caller, move |tx| discard(tx, event).boxed()).await
    }

    async fn dead(&self) -> Vec<dead_letters::DeadLetter> {
        self.owner
            .read(&self.caller, |tx| async move { dead_letters::list(tx, &PageRequest::default()).await }.boxed())
            .await
            .unwrap()
            .items
    }
}

async fn emit_all(tx: &mut Tx, events: Vec<Painted>) -> storage::Result<()> {
    for event in &events {
        emit(tx, event).await?;
    }
    Ok(())
}

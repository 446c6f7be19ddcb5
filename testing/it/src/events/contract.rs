//! What every backend of the bus promises, one promise a test.

use std::{sync::Arc, time::Duration};

use base::{Clock, RequestId, TenantId, Timestamp};
use messaging::{Bus, Durability, Envelope, EventId};
use runtime::{Shutdown, SystemClock};
use testkit::{Installation, every_bus};
use uuid::Uuid;

const READER: &str = "shop.reader";

every_bus! {
    async fn events_arrive_whole_and_in_the_order_of_publishing(installation: Installation) {
        let bus = open(&installation).await;
        bus.publish(0, (0..700).map(|n| event(n, n % 3)).collect()).await.unwrap();
        bus.publish(0, vec![event(700, 0)]).await.unwrap();
        let read: Vec<Envelope> = read_all(&*bus).await;
        assert_eq!(read.len(), 701);
        for key in 0..3 {
            let of_key = |events: &[Envelope]| {
                events.iter().filter(|event| event.key == Uuid::from_u128(key)).cloned().collect::<Vec<_>>()
            };
            let sent: Vec<Envelope> = (0..700).map(|n| event(n, n % 3)).chain([event(700, 0)]).collect();
            assert_eq!(of_key(&read), of_key(&sent));
        }
    }

    async fn an_id_published_twice_is_kept_once(installation: Installation) {
        let bus = open(&installation).await;
        bus.publish(0, vec![event(1, 1), event(2, 1)]).await.unwrap();
        bus.publish(0, vec![event(1, 1), event(2, 1), event(3, 1)]).await.unwrap();
        assert_eq!(ids(&read_all(&*bus).await), [1, 2, 3]);
    }

    async fn a_batch_comes_again_until_it_is_acknowledged(installation: Installation) {
        let bus = open(&installation).await;
        bus.publish(0, (1..=5).map(|n| event(n, n)).collect()).await.unwrap();
        let first = bus.fetch(0, READER, 2).await.unwrap();
        assert_eq!(bus.fetch(0, READER, 2).await.unwrap(), first);
        bus.acknowledge(0, READER, first.position).await.unwrap();
        assert_eq!(bus.behind(0, READER.to_owned()).await.unwrap(), 3);
        let second = bus.fetch(0, READER, 10).await.unwrap();
        assert_eq!(second.deliveries.len(), 3);
        assert!(second.deliveries[0].sequence > first.deliveries[1].sequence);
        // Another reader has a place of its own, and a late acknowledgement of the first batch takes nothing back.
        assert_eq!(bus.fetch(0, "shop.other", 10).await.unwrap().deliveries.len(), 5);
        bus.acknowledge(0, READER, second.position).await.unwrap();
        bus.acknowledge(0, READER, first.position).await.unwrap();
        assert!(bus.fetch(0, READER, 10).await.unwrap().deliveries.is_empty());
        assert_eq!(bus.behind(0, READER.to_owned()).await.unwrap(), 0);
    }

    async fn a_reader_goes_on_where_it_stopped_in_another_process(installation: Installation) {
        let bus = open(&installation).await;
        bus.publish(0, (1..=4).map(|n| event(n, n)).collect()).await.unwrap();
        let batch = bus.fetch(0, READER, 3).await.unwrap();
        bus.acknowledge(0, READER, batch.position).await.unwrap();
        drop(bus);
        let bus = open(&installation).await;
        assert_eq!(bus.fetch(0, READER, 10).await.unwrap().deliveries.len(), 1);
    }

    async fn a_rewind_shows_again_what_was_published_since(installation: Installation) {
        let bus = open(&installation).await;
        bus.publish(0, vec![event(1, 1)]).await.unwrap();
        let from = moment(&installation);
        bus.publish(0, vec![event(2, 1)]).await.unwrap();
        let before = bus.fetch(0, READER, 10).await.unwrap();
        bus.acknowledge(0, READER, before.position).await.unwrap();
        bus.rewind(0, READER, from).await.unwrap();
        // What was read before the rewind is acknowledged after it: that must not undo it.
        bus.acknowledge(0, READER, before.position).await.unwrap();
        let again = bus.fetch(0, READER, 10).await.unwrap();
        assert_eq!(ids(&envelopes(again.deliveries)), [2]);
        assert_eq!(bus.first_from(0, from).await.unwrap(), Some(before.position.sequence));
        // Nothing is as new as that.
        let later = moment(&installation) + Duration::from_hours(1);
        assert_eq!(bus.first_from(0, later).await.unwrap(), None);
        bus.rewind(0, READER, later).await.unwrap();
        assert_eq!(bus.fetch(0, READER, 10).await.unwrap().deliveries.len(), 1);
    }

    async fn what_is_old_is_swept_and_the_rest_stays(installation: Installation) {
        let bus = open(&installation).await;
        bus.publish(0, vec![event(1, 1), event(2, 2)]).await.unwrap();
        let before = moment(&installation);
        bus.publish(0, vec![event(3, 1)]).await.unwrap();
        assert_eq!(bus.sweep(0, before).await.unwrap(), 2);
        assert_eq!(bus.sweep(0, before).await.unwrap(), 0);
        assert_eq!(ids(&read_all(&*bus).await), [3]);
    }

    async fn shards_share_nothing(installation: Installation) {
        // The journal has as many shards as the installation: a second one only NATS can be asked for here.
        if installation.nats.is_some() {
            let bus = open(&installation).await;
            bus.publish(0, vec![event(1, 1)]).await.unwrap();
            bus.publish(1, vec![event(2, 1)]).await.unwrap();
            assert_eq!(ids(&envelopes(bus.fetch(1, READER, 10).await.unwrap().deliveries)), [2]);
        }
    }

    async fn publishing_is_news(installation: Installation) {
        let bus = open(&installation).await;
        let mut news = bus.news();
        news.borrow_and_update();
        bus.publish(0, vec![event(1, 1)]).await.unwrap();
        tokio::time::timeout(Duration::from_secs(10), news.changed()).await.unwrap().unwrap();
    }

    async fn the_promised_durability_is_named(installation: Installation) {
        let promised = open(&installation).await.durability();
        let expected = if installation.nats.is_some() { Durability::Memory } else { Durability::Fsynced };
        assert_eq!(promised, expected);
    }
}

async fn open(installation: &Installation) -> Arc<dyn Bus> {
    let storage = installation.storage().await;
    installation.bus(&storage, &Shutdown::new()).await
}

/// Reads everything, in pages, without moving any consumer.
async fn read_all(bus: &dyn Bus) -> Vec<Envelope> {
    let (mut all, mut after) = (Vec::new(), 0);
    loop {
        let page = bus.read(0, after, 300).await.unwrap();
        let Some(last) = page.last() else { return all };
        after = last.sequence;
        all.extend(envelopes(page));
    }
}

fn envelopes(deliveries: Vec<messaging::bus::Delivery>) -> Vec<Envelope> {
    deliveries.into_iter().map(|delivery| delivery.envelope).collect()
}

fn ids(events: &[Envelope]) -> Vec<u128> {
    events.iter().map(|event| base::Id::uuid(event.id).as_u128()).collect()
}

/// Returns a moment after what was published and before what will be, by the clock that the bus goes by.
fn moment(installation: &Installation) -> Timestamp {
    if installation.nats.is_some() {
        return SystemClock.now();
    }
    installation.clock.advance(Duration::from_secs(1));
    installation.ambient.now()
}

fn event(id: u128, key: u128) -> Envelope {
    Envelope {
        id: EventId::from_u128(id),
        source: "shop".to_owned(),
        event_type: "shop.order.placed".to_owned(),
        key: Uuid::from_u128(key),
        time: Timestamp::from_micros(1_811_840_400_000_001),
        tenant: TenantId::from_u128(3),
        request: RequestId::from_u128(4),
        data: format!(r#"{{"ນ້ຳ":{id}}}"#),
    }
}

//! The read model of people, as events fill it.

use base::{PersonId, Timestamp};
use contracts::events::people::{PersonChanged, PersonStatus};
use futures_util::FutureExt;

use super::house::House;
use crate::{error::Error, jobs::person_changed::apply, model::cycle::Policy, store::people};

pub(super) fn card(person: u128, number: &str, name: &str, minute: i64) -> PersonChanged {
    PersonChanged {
        person: PersonId::from_u128(person),
        version: minute,
        name: name.to_owned(),
        family_name: String::new(),
        given_name: name.to_owned(),
        email: None,
        language: "lo".to_owned(),
        status: PersonStatus::Active,
        numbers: vec![number.to_owned()],
        changed_at: Timestamp::from_micros(minute),
    }
}

#[tokio::test]
async fn the_newest_card_stays_and_a_number_goes_to_whoever_has_it_now() {
    let house = House::new(Policy::default()).await;
    let cards = [card(1, "7", "Mali", 10), card(1, "7", "Old", 5), card(2, "7", "Noy", 20)];
    for event in cards {
        house.run(&house.coordinator, |tx| async move { Ok(apply(tx, event).await?) }.boxed()).await.unwrap();
    }
    let read = house.db.read(&house.coordinator, |tx| {
        async move {
            let first = people::find(tx, PersonId::from_u128(1)).await?.unwrap();
            let holder = people::find_by_number(tx, "7").await?.unwrap();
            Ok::<_, Error>((first.name, first.number, holder.name))
        }
        .boxed()
    });
    assert_eq!(read.await.unwrap(), ("Mali".to_owned(), None, "Noy".to_owned()));
}

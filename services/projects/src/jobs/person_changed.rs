//! Keeps this service's read model of people: each card that identity publishes replaces the one before.

use contracts::events::people::PersonChanged;
use futures_util::FutureExt;
use messaging::Consumer;
use storage::Tx;

use crate::store::people::{self, Person};

/// Returns the consumer of people's cards.
pub fn consumer() -> Consumer {
    Consumer::new("projects.people").on(|tx, event: PersonChanged| apply(tx, event).boxed())
}

pub(crate) async fn apply(tx: &mut Tx, event: PersonChanged) -> storage::Result<()> {
    let card = Person {
        id: event.person,
        number: event.numbers.into_iter().next(),
        family_name: event.family_name,
        given_name: event.given_name,
        name: event.name,
        email: event.email.unwrap_or_default(),
        changed_at: event.changed_at,
    };
    people::replace(tx, card).await
}

//! People that an import brings.

use base::{PageRequest, PersonId, Scope};
use contracts::events::projects::{RosterImported, RosterPerson};
use futures_util::FutureExt;

use super::{World, accounts::count_events};
use crate::{
    actions::people::{self, PeopleQuery},
    jobs::roster_imported,
};

fn listed(number: u128, given: &str, email: Option<&str>) -> RosterPerson {
    RosterPerson {
        person: PersonId::from_u128(number),
        numbers: vec![format!("22{number:05}")],
        family_name: "Trần".to_owned(),
        given_name: given.to_owned(),
        email: email.map(str::to_owned),
        language: None,
        role: "student".to_owned(),
        scope: Scope::Tenant,
    }
}

#[tokio::test]
async fn a_roster_makes_each_account_once_and_knows_those_it_had() {
    let world = World::new().await;
    let before = count_events(&world, "identity.person.changed").await;
    let people = vec![
        listed(1, "Yuki", Some("yuki@uni.example")),
        listed(2, "Wei", None),
        listed(3, "Somebody", Some("ada@uni.example")),
        listed(4, "\u{7}", None),
    ];
    let event = RosterImported {
        import: contracts::ids::ImportId::from_u128(9),
        chunk: 0,
        people,
        imported_at: world.identity.ambient().now(),
    };
    let system = base::Caller::system(world.tenant, "identity.rosters", world.request());
    for _ in 0..2 {
        let event = event.clone();
        world.identity.write(&system, None, move |tx| roster_imported::apply(tx, event).boxed()).await.unwrap();
    }
    let ada = world.ada().await;
    let students =
        PeopleQuery { role: Some("student".to_owned()), page: PageRequest::first(9), ..PeopleQuery::default() };
    let page = world.identity.read(&ada, |tx| people::list_people(tx, students).boxed()).await.unwrap();
    let names: Vec<_> = page.items.iter().map(|person| person.name.full.as_str()).collect();
    assert_eq!(names, ["Ada Lovelace", "Wei Trần", "Yuki Trần"]);
    assert_eq!(count_events(&world, "identity.person.changed").await, before + 2);
}

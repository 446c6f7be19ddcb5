//! People that an import brings.

use base::{PageRequest, PersonId, Scope};
use contracts::events::projects::{ParticipantEnrolled, RosterImported, RosterPerson};
use futures_util::FutureExt;

use super::{World, accounts::count_events};
use crate::{
    actions::people::{self, Invited, PeopleQuery},
    jobs::{participant_enrolled, roster_imported},
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

#[tokio::test]
async fn all_who_wait_are_invited_once_by_an_administrator() {
    let world = World::new().await;
    let people = vec![listed(1, "Yuki", Some("yuki@uni.example")), listed(2, "Wei", None)];
    let imported_at = world.identity.ambient().now();
    let event = RosterImported { import: contracts::ids::ImportId::from_u128(9), chunk: 0, people, imported_at };
    let system = base::Caller::system(world.tenant, "identity.rosters", world.request());
    world.identity.write(&system, None, move |tx| roster_imported::apply(tx, event).boxed()).await.unwrap();
    let ada = world.ada().await;
    let before = count_events(&world, "identity.mail.requested").await;
    let invite = async || {
        let links = world.identity.links();
        world.identity.write(&ada, None, move |tx| people::invite_waiting(tx, links).boxed()).await.unwrap()
    };
    assert_eq!(invite().await, Invited { count: 1, more: false });
    assert_eq!(invite().await, Invited { count: 0, more: false });
    assert_eq!(count_events(&world, "identity.mail.requested").await, before + 1);
    world.wait(std::time::Duration::from_hours(8 * 24));
    assert_eq!(invite().await.count, 1, "the first invitation has ended");
}

#[tokio::test]
async fn whoever_is_enrolled_by_hand_is_invited_when_they_are_new_and_once() {
    let world = World::new().await;
    let before = count_events(&world, "identity.mail.requested").await;
    let system = base::Caller::system(world.tenant, "identity.enrolments", world.request());
    let known = listed(3, "Somebody", Some("ada@uni.example"));
    for participant in [listed(1, "Yuki", Some("yuki@uni.example")), known, listed(2, "Wei", None)] {
        let event = ParticipantEnrolled {
            cycle: contracts::ids::CycleId::from_u128(5),
            participant,
            enrolled_by: None,
            enrolled_at: world.identity.ambient().now(),
        };
        for _ in 0..2 {
            let (event, links) = (event.clone(), world.identity.links());
            let apply =
                world.identity.write(&system, None, move |tx| participant_enrolled::apply(tx, links, event).boxed());
            apply.await.unwrap();
        }
    }
    assert_eq!(count_events(&world, "identity.mail.requested").await, before + 1);
}

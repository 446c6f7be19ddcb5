//! The demo's faculty, and what must hold in it.

use base::Caller;
use futures_util::FutureExt;

use super::house::{House, caller};
use crate::{
    Error,
    actions::{list_tasks::list_tasks, show_overview::show_overview, show_queue::show_queue},
    demo,
    model::cycle::Policy,
    store::participants,
};

#[tokio::test]
async fn the_demo_is_whole() {
    let house = House::new(Policy::default()).await;
    let seeded = demo::seed(&house.db, house.other_tenant).await.unwrap();

    let as_role = |person: &demo::DemoPerson, role: &str| -> Caller {
        caller(house.other_tenant, base::Id::uuid(person.id).as_u128(), role)
    };
    let coordinator = as_role(&seeded.coordinator, "coordinator");
    let cycle = seeded.cycle;
    let read = house.db.read(&coordinator, |tx| {
        async move {
            let overview = show_overview(tx, cycle).await?;
            Ok::<_, Error>((overview, participants::supervisors(tx, cycle).await?))
        }
        .boxed()
    });
    let (overview, supervisors) = read.await.unwrap();
    assert_eq!(overview.students.enrolled, demo::STUDENTS as i64);
    assert_eq!(overview.topics.iter().map(|(_, count)| count).sum::<i64>(), demo::TOPICS as i64);
    assert_eq!(overview.states.iter().map(|one| one.projects).sum::<i64>(), demo::PROJECTS as i64);
    assert!(overview.states.len() >= 8, "{:?}", overview.states);
    assert!(supervisors.iter().all(|one| one.supervising <= one.supervise_max));

    let student = as_role(&seeded.student, "student");
    let tasks = house.db.read(&student, |tx| list_tasks(tx).boxed()).await.unwrap();
    assert!(!tasks.is_empty(), "something waits for the student");
    let supervisor = as_role(&seeded.supervisor, "supervisor");
    let queue = house.db.read(&supervisor, |tx| show_queue(tx).boxed()).await.unwrap();
    assert!(queue.projects.len() >= 4);
}

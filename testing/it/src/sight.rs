//! Lists and checks say the same: what a caller may read is in their lists, their figures and their exports, and nothing else.
//!
//! A faculty is made, with drafts and with every role that a project knows, and callers with chance grants look at it.

use std::{collections::BTreeSet, fmt::Debug};

use base::PageRequest;
use futures_util::FutureExt;
use projects::{
    Error,
    actions::{
        Case, export_roster,
        list_cycles::visible,
        list_projects::list_projects,
        list_tasks::list_tasks,
        list_topics::{list_topics, topic_lists},
        show_overview::{Overview, show_overview},
        show_topic::show_topic,
    },
    model::{
        export::Cell,
        ids::{CycleId, ProjectId, TopicId},
        task::Kind,
    },
    policy,
    store::{
        projects::{Filter, ProjectRow},
        topics::{self, Topic},
    },
};
use storage::Tx;
use testkit::both_engines;

mod faculty;

use self::faculty::{Faculty, Visitor};

/// How many callers look.
const VISITORS: u64 = 32;

both_engines! {
    async fn a_list_shows_exactly_what_the_check_allows(installation: Installation) {
        let faculty = Faculty::make(&installation).await;
        let mut partly = 0;
        for seed in 0..VISITORS {
            let visitor = faculty.visitor(seed);
            let seen = projects_of(&faculty, &visitor).await;
            same(&visitor, "projects", &seen, &readable_projects(&faculty, &visitor).await);
            let topics = topics_of(&faculty, &visitor).await;
            same(&visitor, "topics", &topics, &readable_topics(&faculty, &visitor).await);
            partly += usize::from(!seen.is_empty() && seen.len() < faculty.projects.len());
        }
        assert!(partly * 3 > VISITORS as usize, "only {partly} callers saw a part");
    }

    async fn figures_tasks_and_exports_are_of_what_the_lists_show(installation: Installation) {
        let faculty = Faculty::make(&installation).await;
        let mut overseers = 0;
        for seed in 0..VISITORS {
            let visitor = faculty.visitor(seed);
            tasks_are_readable(&faculty, &visitor).await;
            let cycle = faculty.cycle;
            let Ok(overview) = faculty.read(&visitor, move |tx| show_overview(tx, cycle).boxed()).await else { continue };
            overseers += 1;
            figures_are_those_of_the_lists(&faculty, &visitor, &overview).await;
            exports_are_those_of_the_lists(&faculty, &visitor).await;
        }
        assert!(overseers > 5, "only {overseers} callers oversee anything");
    }
}

fn same<T: Ord + Debug>(visitor: &Visitor, what: &str, listed: &BTreeSet<T>, allowed: &BTreeSet<T>) {
    let hidden: Vec<_> = allowed.difference(listed).collect();
    let leaked: Vec<_> = listed.difference(allowed).collect();
    assert!(hidden.is_empty() && leaked.is_empty(), "{what}: hidden {hidden:?}, leaked {leaked:?} for {visitor:?}");
}

async fn project_rows(faculty: &Faculty, visitor: &Visitor) -> Vec<ProjectRow> {
    let cycle = faculty.cycle;
    faculty.pages(visitor, move |tx, page| project_page(tx, cycle, page).boxed()).await
}

async fn project_page(tx: &mut Tx, cycle: CycleId, page: PageRequest) -> Result<base::Page<ProjectRow>, Error> {
    list_projects(tx, cycle, &Filter::default(), &page).await
}

async fn topic_rows(faculty: &Faculty, visitor: &Visitor) -> Vec<Topic> {
    let cycle = faculty.cycle;
    faculty.pages(visitor, move |tx, page| topic_page(tx, cycle, page).boxed()).await
}

async fn topic_page(tx: &mut Tx, cycle: CycleId, page: PageRequest) -> Result<base::Page<Topic>, Error> {
    let cycle = visible(tx, cycle).await?;
    // Kept for no other visitor: what is compared here is what the database answers.
    let topics = list_topics(tx, &topic_lists(), &cycle, &topics::Filter::default(), &page).await?;
    Ok(topics.page.clone())
}

async fn projects_of(faculty: &Faculty, visitor: &Visitor) -> BTreeSet<ProjectId> {
    project_rows(faculty, visitor).await.into_iter().map(|row| row.id).collect()
}

async fn topics_of(faculty: &Faculty, visitor: &Visitor) -> BTreeSet<TopicId> {
    topic_rows(faculty, visitor).await.into_iter().map(|topic| topic.id).collect()
}

async fn readable_projects(faculty: &Faculty, visitor: &Visitor) -> BTreeSet<ProjectId> {
    let all = faculty.projects.clone();
    let read = faculty.read(visitor, |tx| {
        async move {
            let mut readable = BTreeSet::new();
            for id in all {
                if Case::load(tx, id, &policy::READ_PROJECT).await.is_ok() {
                    readable.insert(id);
                }
            }
            Ok(readable)
        }
        .boxed()
    });
    read.await.unwrap()
}

async fn readable_topics(faculty: &Faculty, visitor: &Visitor) -> BTreeSet<TopicId> {
    let all = faculty.topics.clone();
    let read = faculty.read(visitor, |tx| {
        async move {
            let mut readable = BTreeSet::new();
            for id in all {
                if show_topic(tx, id).await.is_ok() {
                    readable.insert(id);
                }
            }
            Ok(readable)
        }
        .boxed()
    });
    read.await.unwrap()
}

async fn tasks_are_readable(faculty: &Faculty, visitor: &Visitor) {
    let tasks = faculty.read(visitor, |tx| list_tasks(tx).boxed()).await.unwrap();
    for task in tasks {
        let about = task.object;
        let read = faculty.read(visitor, move |tx| {
            async move {
                match task.kind {
                    Kind::ReviewTopic | Kind::CorrectTopic => show_topic(tx, about.into()).await.map(drop),
                    _ => Case::load(tx, about.into(), &policy::READ_PROJECT).await.map(drop),
                }
            }
            .boxed()
        });
        assert!(read.await.is_ok(), "a task about what is hidden from {visitor:?}");
    }
}

async fn figures_are_those_of_the_lists(faculty: &Faculty, visitor: &Visitor, overview: &Overview) {
    let projects = project_rows(faculty, visitor).await;
    let counted: i64 = overview.states.iter().map(|state| state.projects).sum();
    assert_eq!(counted, projects.len() as i64, "{visitor:?}");
    for state in &overview.states {
        let listed = projects.iter().filter(|row| row.state == state.state).count();
        assert_eq!(state.projects, listed as i64, "{} for {visitor:?}", state.state);
    }
    let topics: i64 = overview.topics.iter().map(|(_, count)| count).sum();
    assert_eq!(topics, topic_rows(faculty, visitor).await.len() as i64, "{visitor:?}");
}

async fn exports_are_those_of_the_lists(faculty: &Faculty, visitor: &Visitor) {
    let exported = first_column(faculty, visitor, export_roster::Export::Projects).await;
    let listed: BTreeSet<String> = project_rows(faculty, visitor).await.into_iter().map(|row| row.number).collect();
    same(visitor, "exported projects", &exported, &listed);
    let exported = first_column(faculty, visitor, export_roster::Export::Topics).await;
    let listed = topic_rows(faculty, visitor).await.into_iter().map(|topic| topic.number).collect();
    assert!(exported.is_subset(&listed), "{visitor:?}");
    let students = first_column(faculty, visitor, export_roster::Export::Students).await;
    let cycle = faculty.cycle;
    let overview = faculty.read(visitor, move |tx| show_overview(tx, cycle).boxed()).await.unwrap();
    assert_eq!(students.len() as i64, overview.students.enrolled, "{visitor:?}");
}

async fn first_column(faculty: &Faculty, visitor: &Visitor, what: export_roster::Export) -> BTreeSet<String> {
    let cycle = faculty.cycle;
    let read = faculty.db.read(&visitor.caller, move |tx| export_roster::export_roster(tx, what, Some(cycle)).boxed());
    let sheet = read.await.unwrap();
    let text = |row: &Vec<Cell>| match row.first() {
        Some(Cell::Text(text)) => text.clone(),
        other => panic!("{other:?}"),
    };
    sheet.rows.iter().map(text).collect()
}

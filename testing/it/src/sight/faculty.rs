//! The faculty that is looked at, and the callers who look.

use base::{Caller, Grant, Id, Page, PageRequest, PersonId, RequestId, Scope, TenantId, Timestamp, caller::Person};
use contracts::roles::ROLES;
use futures_util::{FutureExt, future::BoxFuture};
use projects::{
    Result,
    actions::create_topic::{CreateTopic, create_topic},
    demo,
    model::{
        ids::{CycleId, ProgrammeId, ProjectId, TopicId},
        topic::State,
    },
    store::{
        members, participants, programmes,
        projects::{self as store, Filter},
        sight::Sight,
        topics,
    },
};
use storage::{Database, Tx};
use testkit::{Installation, engine};

/// What somebody can be in a project, beside a member and its supervisor.
const PROJECT_ROLES: [&str; 5] = ["co_supervisor", "chair", "examiner", "reviewer", "external"];

pub(super) struct Faculty {
    pub(super) db: Database,
    pub(super) cycle: CycleId,
    pub(super) projects: Vec<ProjectId>,
    pub(super) topics: Vec<TopicId>,
    tenant: TenantId,
    now: Timestamp,
    people: Vec<PersonId>,
    programmes: Vec<ProgrammeId>,
}

#[derive(Debug)]
pub(super) struct Visitor {
    pub(super) caller: Caller,
}

/// Numbers by chance, the same for the same seed.
struct Chance(u64);

impl Chance {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % end
    }
}

impl Faculty {
    pub(super) async fn make(installation: &Installation) -> Self {
        let storage = installation.storage().await;
        let tenant = engine::tenant(&storage, "uni").await.id;
        let schemas = [messaging::SCHEMA, audit::SCHEMA, projects::schema()];
        let db = storage.database("projects", &schemas).await.unwrap();
        let cycle = demo::seed(&db, tenant).await.unwrap().cycle;
        let mut faculty = Self {
            tenant,
            cycle,
            now: installation.ambient.now(),
            projects: Vec::new(),
            topics: Vec::new(),
            people: Vec::new(),
            programmes: Vec::new(),
            db,
        };
        faculty.furnish().await;
        faculty
    }

    /// Adds drafts and roles to what a demo has, and takes a sample of the whole.
    async fn furnish(&mut self) {
        let cycle = self.cycle;
        let everything = self.caller(PersonId::from_u128(1), vec![grant("coordinator", Scope::Tenant)]);
        let furnished = self.db.write(&everything, move |tx| furnish(tx, cycle).boxed());
        (self.people, self.programmes) = furnished.await.unwrap();
        let everything = Visitor { caller: everything };
        let projects = self.pages(&everything, move |tx, page| all_projects(tx, cycle, page).boxed()).await;
        let topics = self.pages(&everything, move |tx, page| all_topics(tx, cycle, page).boxed()).await;
        self.projects = projects.into_iter().map(|row| row.id).collect();
        self.topics = topics.into_iter().map(|topic| topic.id).collect();
    }

    /// Returns somebody with chance grants: a person of the faculty or a stranger.
    pub(super) fn visitor(&self, seed: u64) -> Visitor {
        let mut chance = Chance(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let stranger = PersonId::from_u128(2);
        let person = if chance.below(3) == 0 { stranger } else { self.people[chance.below(self.people.len())] };
        let grants = (0..=chance.below(4)).map(|_| {
            let role = ROLES[chance.below(ROLES.len())].0;
            let role = if chance.below(2) == 0 { "coordinator" } else { role };
            let unit = self.programmes[chance.below(self.programmes.len())].uuid();
            let scope = if chance.below(8) == 0 { Scope::Tenant } else { Scope::Unit(unit) };
            let over = chance.below(6) == 0;
            let until = if over { self.now } else { Timestamp::MAX };
            Grant { until, ..grant(role, scope) }
        });
        let grants = grants.collect();
        Visitor { caller: self.caller(person, grants) }
    }

    fn caller(&self, id: PersonId, grants: Vec<Grant>) -> Caller {
        let (name, language) = ("Somebody".to_owned(), "en".to_owned());
        let person = Person { id, name, language, grants, credential: id.uuid(), scopes: None };
        Caller::person(self.tenant, person, RequestId::from_u128(1))
    }

    pub(super) async fn read<T: Send + 'static>(
        &self,
        visitor: &Visitor,
        ask: impl for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Result<T>> + Send + 'static,
    ) -> Result<T> {
        self.db.read(&visitor.caller, ask).await
    }

    /// Returns all pages of a list.
    pub(super) async fn pages<T: Send + 'static>(
        &self,
        visitor: &Visitor,
        ask: impl for<'t> Fn(&'t mut Tx, PageRequest) -> BoxFuture<'t, Result<Page<T>>> + Send + Copy + 'static,
    ) -> Vec<T> {
        let (mut rows, mut request) = (Vec::new(), PageRequest::first(100));
        loop {
            let asked = request.clone();
            let page = self.read(visitor, move |tx| ask(tx, asked)).await.unwrap();
            rows.extend(page.items);
            match page.next {
                Some(after) => request = PageRequest { after: Some(after), ..request },
                None => return rows,
            }
        }
    }
}

fn grant(role: &str, scope: Scope) -> Grant {
    Grant { role: role.to_owned(), scope, from: Timestamp::EPOCH, until: Timestamp::MAX }
}

async fn all_projects(tx: &mut Tx, cycle: CycleId, page: PageRequest) -> Result<Page<store::ProjectRow>> {
    let everything = Sight::new(true, &std::collections::BTreeSet::new(), None);
    Ok(store::list(tx, cycle, &Filter::default(), &everything, &page).await?)
}

async fn all_topics(tx: &mut Tx, cycle: CycleId, page: PageRequest) -> Result<Page<topics::Topic>> {
    let everything = Sight::new(true, &std::collections::BTreeSet::new(), None);
    Ok(topics::list(tx, cycle, &topics::Filter::default(), &everything, &page).await?)
}

/// Adds drafts and roles; returns people with a part in something, and the programmes.
async fn furnish(tx: &mut Tx, cycle: CycleId) -> Result<(Vec<PersonId>, Vec<ProgrammeId>)> {
    let mut chance = Chance(7);
    let known: Vec<ProgrammeId> = programmes::list(tx).await?.iter().map(|one| one.id).collect();
    let supervisors: Vec<PersonId> =
        participants::supervisors(tx, cycle).await?.iter().map(|one| one.person_id).take(8).collect();
    for number in 0..24 {
        let supervisor = supervisors[chance.below(supervisors.len())];
        let programmes = known.iter().copied().filter(|_| chance.below(3) == 0).collect();
        let topic = create_topic(tx, draft(cycle, supervisor, number, programmes)).await?;
        if number % 2 == 0 {
            topics::set_state(tx, topic, 1, State::InReview).await?;
        }
    }
    let mut people = supervisors.clone();
    let projects = all_projects(tx, cycle, PageRequest::first(100)).await?.items;
    for project in &projects {
        let somebody = supervisors[chance.below(supervisors.len())];
        members::insert_role(tx, project.id, somebody, PROJECT_ROLES[chance.below(PROJECT_ROLES.len())]).await?;
    }
    for project in projects.iter().step_by(20) {
        people.extend(members::list(tx, project.id).await?.iter().map(|member| member.person_id));
    }
    Ok((people, known))
}

fn draft(cycle: CycleId, supervisor: PersonId, number: usize, programmes: Vec<ProgrammeId>) -> CreateTopic {
    CreateTopic {
        cycle,
        supervisor: Some(supervisor),
        title_en: format!("Draft {number}"),
        title_local: String::new(),
        summary: String::new(),
        area: String::new(),
        capacity: 1,
        programmes,
    }
}

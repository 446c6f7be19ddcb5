//! A university with one open cycle, on SQLite in a folder of its own.

use std::{sync::Arc, time::Duration};

use base::{Ambient, Caller, Clock, Grant, Id, PersonId, Random, Scope, TenantId, Timestamp, caller};
use contracts::file_kind::FileKind;
use futures_util::{FutureExt, future::BoxFuture};
use parking_lot::Mutex;
use storage::{Database, NewTenant, Settings, Storage, Tx};

use crate::{
    actions::{
        create_cycle::{CreateCycle, create_cycle},
        create_programme::{CreateProgramme, create_programme},
        create_template::{CreateTemplate, create_template},
        create_topic::{CreateTopic, create_topic},
        enrol::{EnrolStudent, EnrolSupervisor, enrol_student, enrol_supervisor},
        move_cycle::{MoveCycle, move_cycle},
        move_topic::{MoveTopic, move_topic},
    },
    error::Result,
    model::{
        accepted::Accepted,
        cycle::{self, Dates, Policy},
        ids::{CycleId, FileId, ProgrammeId, TopicId},
        milestone::Item,
        participant::Whom,
        ticket::Ticket,
        topic,
    },
    store::people::{self, Person},
};

storage::statements! {
    FORGET_TEMPLATE: write [cycle] = "UPDATE cycle SET template_id = NULL WHERE tenant_id = $1 AND id = $2";
}

pub(super) const DAY: Duration = Duration::from_hours(24);

#[derive(Clone)]
pub(super) struct Time(Arc<Mutex<Timestamp>>);

impl Time {
    pub(super) fn pass(&self, duration: Duration) {
        let mut now = self.0.lock();
        *now = *now + duration;
    }
}

impl Clock for Time {
    fn now(&self) -> Timestamp {
        *self.0.lock()
    }
}

struct Counting(Mutex<u64>);

impl Random for Counting {
    fn fill(&self, bytes: &mut [u8]) {
        for byte in bytes {
            let mut state = self.0.lock();
            *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            *byte = (*state >> 56) as u8;
        }
    }
}

pub(super) struct House {
    _folder: tempfile::TempDir,
    pub(super) time: Time,
    pub(super) db: Database,
    pub(super) tenant: TenantId,
    pub(super) other_tenant: TenantId,
    pub(super) cycle: CycleId,
    pub(super) programme: ProgrammeId,
    pub(super) coordinator: Caller,
    pub(super) supervisor: Caller,
}

impl House {
    pub(super) async fn new(policy: Policy) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let time = Time(Arc::new(Mutex::new("2026-10-01T08:00:00Z".parse().unwrap())));
        let ambient = Ambient::new(Arc::new(time.clone()), Arc::new(Counting(Mutex::new(7))));
        let storage = Storage::open(Settings::embedded(folder.path()), ambient).await.unwrap();
        let tenant = tenant_of(&storage, "uni").await;
        let other_tenant = tenant_of(&storage, "other").await;
        let schemas = [messaging::SCHEMA, audit::SCHEMA, crate::schema()];
        let db = storage.database("projects", &schemas).await.unwrap();
        let coordinator = caller(tenant, 900, "coordinator");
        let supervisor = caller(tenant, 800, "supervisor");
        let mut house = Self {
            _folder: folder,
            time,
            db,
            tenant,
            other_tenant,
            cycle: CycleId::from_u128(0),
            programme: ProgrammeId::from_u128(0),
            coordinator,
            supervisor,
        };
        house.furnish(policy).await;
        house
    }

    /// Runs a verb as `caller`, in one transaction.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        caller: &Caller,
        verb: impl for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Result<T>> + Send + 'static,
    ) -> Result<T> {
        self.db.write(caller, verb).await
    }

    async fn furnish(&mut self, policy: Policy) {
        let now = self.time.now();
        let coordinator = self.coordinator.clone();
        let (cycle, programme) = self
            .run(&coordinator, move |tx| {
                async move {
                    let programme = CreateProgramme {
                        code: "CS".into(),
                        title_en: "Computer science".into(),
                        title_local: "ວິທະຍາການຄອມພິວເຕີ".into(),
                    };
                    let programme = create_programme(tx, programme).await?;
                    let items = vec![item("Plan", 0, 14), item("Interim report", 14, 60)];
                    let template = create_template(tx, CreateTemplate { name: "Usual".into(), items }).await?;
                    let dates = Dates {
                        starts_at: now,
                        proposals_until_at: now + DAY * 30,
                        final_due_at: now + DAY * 200,
                        ends_at: now + DAY * 300,
                    };
                    let new = CreateCycle { name: "2026/27".into(), dates, template_id: Some(template), policy };
                    let cycle = create_cycle(tx, new).await?;
                    move_cycle(tx, MoveCycle { cycle, action: cycle::Action::Open, version: Some(1) }).await?;
                    Ok((cycle, programme))
                }
                .boxed()
            })
            .await
            .unwrap();
        (self.cycle, self.programme) = (cycle, programme);
        self.enrol_supervisor(&self.supervisor, 2).await;
    }

    /// Takes the template from the open cycle, as if it had been opened without one.
    pub(super) async fn forget_template(&self) {
        let cycle = self.cycle;
        let forget = self.run(&self.coordinator, move |tx| {
            async move { Ok(tx.execute(&FORGET_TEMPLATE, storage::params![cycle]).await.map(drop)?) }.boxed()
        });
        forget.await.unwrap();
    }

    /// Enrols a student of this number and returns them.
    pub(super) async fn student(&self, number: u128) -> Caller {
        let student = caller(self.tenant, number, "student");
        let person = student.person_id().unwrap();
        let enrol = EnrolStudent {
            cycle: self.cycle,
            whom: Whom::Known(person),
            programme: self.programme,
            classroom: Some("CS-1".into()),
            gpa: String::new(),
        };
        self.run(&self.coordinator, move |tx| {
            async move {
                keep(tx, person, number).await?;
                enrol_student(tx, enrol).await
            }
            .boxed()
        })
        .await
        .unwrap();
        student
    }

    pub(super) async fn enrol_supervisor(&self, supervisor: &Caller, supervise_max: u32) {
        let person_id = supervisor.person_id().unwrap();
        let new = EnrolSupervisor {
            cycle: self.cycle,
            whom: Whom::Known(person_id),
            title: Some("Dr.".into()),
            supervise_max,
            chair_max: 2,
            examine_max: 2,
            areas: None,
        };
        self.run(&self.coordinator, move |tx| {
            async move {
                keep(tx, person_id, 1_000_000 + person_id.uuid().as_u128()).await?;
                enrol_supervisor(tx, new).await
            }
            .boxed()
        })
        .await
        .unwrap();
    }

    /// Makes an open topic of the supervisor's.
    pub(super) async fn topic(&self, capacity: u32) -> TopicId {
        let command = CreateTopic {
            cycle: self.cycle,
            supervisor: None,
            title_en: "Verifying river flood levels".into(),
            title_local: "ລະດັບນ້ຳ".into(),
            summary: String::new(),
            area: "computer vision".into(),
            capacity,
            programmes: vec![self.programme],
        };
        self.run(&self.supervisor, move |tx| {
            async move {
                let topic = create_topic(tx, command).await?;
                let open = MoveTopic { topic, action: topic::Action::Open, version: None, reason: String::new() };
                move_topic(tx, open).await?;
                Ok(topic)
            }
            .boxed()
        })
        .await
        .unwrap()
    }
}

/// A file that somebody uploaded; every number is another file.
pub(super) fn file(number: u8) -> Ticket {
    let file = FileId::from_u128(u128::from(number));
    Ticket { file, name: format!("report-{number}.pdf"), size_bytes: 1_000, sha256: [number; 32], kind: FileKind::Pdf }
}

pub(super) fn caller(tenant: TenantId, number: u128, role: &str) -> Caller {
    let grant = Grant { role: role.to_owned(), scope: Scope::Tenant, from: Timestamp::EPOCH, until: Timestamp::MAX };
    let person = caller::Person {
        id: PersonId::from_u128(number),
        name: format!("Person {number}"),
        language: "en".to_owned(),
        grants: vec![grant],
        credential: PersonId::from_u128(number).uuid(),
        scopes: None,
    };
    Caller::person(tenant, person, base::RequestId::from_u128(1))
}

fn item(title: &str, opens_days: u16, due_days: u16) -> Item {
    let accepts = Accepted::default();
    Item { title_en: title.to_owned(), title_local: String::new(), opens_days, due_days, mandatory: true, accepts }
}

async fn keep(tx: &mut Tx, id: PersonId, number: u128) -> Result<()> {
    let card = Person {
        id,
        number: Some(number.to_string()),
        family_name: "ວົງສະຫວັນ".into(),
        given_name: format!("Person {number}"),
        name: format!("Person {number} ວົງສະຫວັນ"),
        email: format!("{number}@uni.example"),
        changed_at: tx.now(),
    };
    Ok(people::keep(tx, &[card]).await?)
}

async fn tenant_of(storage: &Storage, slug: &str) -> TenantId {
    let new = NewTenant {
        slug: slug.to_owned(),
        name: slug.to_owned(),
        name_local: slug.to_owned(),
        language: "en".to_owned(),
        zone: "Asia/Vientiane".to_owned(),
        domains: Vec::new(),
    };
    storage.directory().create(new).await.unwrap().id
}

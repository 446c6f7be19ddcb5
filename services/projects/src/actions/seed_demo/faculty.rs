//! People, programmes, topics and the cycle.

use std::{collections::BTreeSet, time::Duration};

use base::{PersonId, Timestamp};
use storage::Tx;

use super::{
    STUDENTS, SUPERVISORS, TOPICS,
    chance::Chance,
    words::{AREAS, FAMILY, GIVEN, OBJECTS, PROGRAMMES, TITLES, VERBS},
};
use crate::{
    Result,
    model::{
        accepted::Accepted,
        cycle::{self, Dates, Policy},
        ids::{ProgrammeId, TemplateId, TopicId},
        milestone::Item,
    },
    store::{
        cycles::{self, Cycle},
        participants::{self, NewSupervisor, Student},
        people::{self, Person},
        programmes::{self, Programme},
        templates,
    },
};

pub(super) const DAY: Duration = Duration::from_hours(24);

/// Days since the cycle began.
pub(super) const DAYS_IN: u32 = 75;

/// Everything that projects are made from.
pub(super) struct Faculty {
    pub(super) cycle: Cycle,
    pub(super) programmes: Vec<Programme>,
    pub(super) template: TemplateId,
    pub(super) items: Vec<Item>,
    pub(super) coordinator: NewPerson,
    pub(super) supervisors: Vec<NewPerson>,
    pub(super) students: Vec<NewPerson>,
    pub(super) topics: Vec<NewTopic>,
}

#[derive(Clone)]
pub(super) struct NewPerson {
    pub(super) id: PersonId,
    pub(super) number: String,
    pub(super) family_name: &'static str,
    pub(super) given_name: &'static str,
    pub(super) email: String,
}

pub(crate) struct NewTopic {
    pub(crate) id: TopicId,
    pub(crate) number: String,
    pub(crate) title_en: String,
    pub(crate) title_local: String,
    pub(crate) summary: String,
    pub(crate) area: &'static str,
    /// Place of its supervisor in the faculty's list.
    pub(crate) supervisor: usize,
    pub(crate) capacity: u32,
    pub(crate) programmes: Vec<ProgrammeId>,
}

impl NewPerson {
    pub(super) fn name(&self) -> String {
        format!("{} {}", self.given_name, self.family_name)
    }
}

impl Faculty {
    pub(super) fn make(tx: &Tx) -> Self {
        let mut chance = Chance::of(2026);
        let template: TemplateId = tx.id();
        let programmes: Vec<_> = PROGRAMMES.iter().map(|words| programme(tx, *words)).collect();
        let mut people = |count: usize, number: fn(usize) -> String, mail: &str| -> Vec<NewPerson> {
            let person = |index: usize| NewPerson {
                id: tx.id(),
                number: number(index),
                family_name: chance.one_of(FAMILY),
                given_name: chance.one_of(GIVEN),
                email: format!("{mail}{:03}@uni.example", index + 1),
            };
            (0..count).map(person).collect()
        };
        let supervisors = people(SUPERVISORS, |index| format!("S{:03}", index + 1), "supervisor");
        let students = people(STUDENTS, |index| format!("22{:05}", 3 + index * 7), "student");
        let coordinator = NewPerson {
            id: tx.id(),
            number: "C001".to_owned(),
            family_name: "Phommachanh",
            given_name: "Souksavanh",
            email: "coordinator@uni.example".to_owned(),
        };
        let topics = (0..TOPICS).map(|index| topic(tx, &mut chance, &programmes, index)).collect();
        Self {
            cycle: cycle(tx, template),
            template,
            items: items(),
            programmes,
            coordinator,
            supervisors,
            students,
            topics,
        }
    }

    pub(super) fn student(&self, index: usize) -> &NewPerson {
        self.students.get(index).unwrap_or(&self.coordinator)
    }

    pub(super) fn supervisor(&self, index: usize) -> &NewPerson {
        self.supervisors.get(index).unwrap_or(&self.coordinator)
    }

    pub(super) async fn save(&self, tx: &mut Tx) -> Result<()> {
        for one in &self.programmes {
            programmes::insert(tx, one).await?;
        }
        templates::insert(tx, self.template, "Final project", &self.items).await?;
        cycles::insert(tx, &self.cycle).await?;
        let everybody = self.supervisors.iter().chain(&self.students).chain([&self.coordinator]);
        let changed_at = self.cycle.dates.starts_at;
        let cards: Vec<_> = everybody
            .map(|one| Person {
                id: one.id,
                number: Some(one.number.clone()),
                family_name: one.family_name.to_owned(),
                given_name: one.given_name.to_owned(),
                name: one.name(),
                email: one.email.clone(),
                changed_at,
            })
            .collect();
        people::keep(tx, &cards).await?;
        participants::keep_students(tx, self.cycle.id, &self.enrolled()).await?;
        Ok(participants::keep_supervisors(tx, self.cycle.id, &self.quotas()).await?)
    }

    fn enrolled(&self) -> Vec<Student> {
        let mut chance = Chance::of(7);
        let student = |(index, one): (usize, &NewPerson)| {
            let programme = self.programme_of(index);
            Student {
                person_id: one.id,
                programme_id: programme.id,
                classroom: format!("{}-{}", programme.code, index % 4 + 1),
                gpa_points: Some(180 + chance.below(220) as i64),
                project_id: None,
            }
        };
        self.students.iter().enumerate().map(student).collect()
    }

    #[expect(clippy::expect_used, reason = "there are programmes, and the index is below their number")]
    fn programme_of(&self, student: usize) -> &Programme {
        self.programmes.get(student % self.programmes.len()).expect("the index is below the length")
    }

    fn quotas(&self) -> Vec<NewSupervisor> {
        let mut chance = Chance::of(11);
        let quota = |one: &NewPerson| NewSupervisor {
            person_id: one.id,
            title: chance.one_of(TITLES).to_owned(),
            supervise_max: 8 + chance.below(5) as u32,
            chair_max: 2 + chance.below(3) as u32,
            examine_max: 3 + chance.below(4) as u32,
            areas: serde_json::json!(BTreeSet::from([chance.one_of(AREAS), chance.one_of(AREAS)])).to_string(),
        };
        self.supervisors.iter().map(quota).collect()
    }
}

fn programme(tx: &Tx, (code, title_en, title_local): (&str, &str, &str)) -> Programme {
    Programme { id: tx.id(), code: code.to_owned(), title_en: title_en.to_owned(), title_local: title_local.to_owned() }
}

fn cycle(tx: &Tx, template: TemplateId) -> Cycle {
    let starts_at = tx.now().minus(DAY * DAYS_IN);
    Cycle {
        id: tx.id(),
        name: academic_year(starts_at),
        state: cycle::State::Open,
        dates: Dates {
            starts_at,
            proposals_until_at: tx.now() + DAY * 21,
            final_due_at: tx.now() + DAY * 120,
            ends_at: tx.now() + DAY * 200,
        },
        template_id: Some(template),
        policy: Policy { late_days: 7, ..Policy::default() },
        version: 1,
        changed_at: starts_at,
    }
}

/// Returns the year's name, for example `2026/27`.
fn academic_year(starts_at: Timestamp) -> String {
    let text = starts_at.to_string();
    let year: u32 = text.get(..4).and_then(|digits| digits.parse().ok()).unwrap_or_default();
    format!("{year}/{:02}", (year + 1) % 100)
}

fn items() -> Vec<Item> {
    let item = |title_en: &str, title_local: &str, opens_days, due_days, mandatory| Item {
        title_en: title_en.to_owned(),
        title_local: title_local.to_owned(),
        opens_days,
        due_days,
        mandatory,
        accepts: Accepted::default(),
    };
    vec![
        item("Project plan", "ແຜນໂຄງການ", 0, 21, true),
        item("Literature review", "ການທົບທວນເອກະສານ", 14, 52, true),
        item("Interim report", "ບົດລາຍງານກາງຄັນ", 50, 90, true),
        item("Poster", "ໂປສເຕີ", 60, 110, false),
        item("Draft of the thesis", "ຮ່າງບົດ", 90, 150, true),
    ]
}

fn topic(tx: &Tx, chance: &mut Chance, programmes: &[Programme], index: usize) -> NewTopic {
    let (verb, verb_local) = chance.one_of(VERBS);
    let (object, object_local) = chance.one_of(OBJECTS);
    let area = chance.one_of(AREAS);
    // A third of the topics is for everybody.
    let wanted = |place: usize, one: &Programme| (place == index % 5 || place == (index + 2) % 5).then_some(one.id);
    let chosen = programmes.iter().enumerate().filter_map(|(place, one)| wanted(place, one)).collect();
    NewTopic {
        id: tx.id(),
        number: format!("T{:03}", index + 1),
        title_en: format!("{verb} {object} with {area}"),
        title_local: format!("{verb_local}{object_local}"),
        summary: format!(
            "What is known about {object} is scattered. The project gathers it, asks what {area} can add, builds the smallest \
             thing that shows it, and measures whether it helps those who need it."
        ),
        area,
        supervisor: index % SUPERVISORS,
        capacity: 2 + chance.below(2) as u32,
        programmes: if index.is_multiple_of(3) { Vec::new() } else { chosen },
    }
}

//! Export a cycle's tables for spreadsheets, with the columns that an import reads.

use serde_json::json;
use storage::Tx;

use super::{
    import_cohort::Error,
    list_cycles::{list_cycles, visible},
    record, relations,
};
use crate::{
    model::{
        export::{Cell, Sheet},
        ids::CycleId,
        import::{
            Existing, Kind,
            existing::{Card, Topic},
        },
    },
    policy,
    store::{cycles::Cycle, export, import::read},
};

/// What can be exported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Export {
    Students,
    Supervisors,
    Topics,
    Projects,
}

impl Export {
    /// Everything that can be exported.
    pub const ALL: [Self; 4] = [Self::Students, Self::Supervisors, Self::Topics, Self::Projects];

    /// Returns the stable name, which is also that of the file.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Students => "students",
            Self::Supervisors => "supervisors",
            Self::Topics => "topics",
            Self::Projects => "projects",
        }
    }

    /// Returns what this name means.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|export| export.name() == name)
    }
}

/// Returns the table of a cycle; of the newest, when none is named. Who coordinates a programme gets what is of it, and
/// whatever their lists show; supervisors are of no programme.
pub async fn export_roster(tx: &mut Tx, what: Export, cycle: Option<CycleId>) -> Result<Sheet, Error> {
    access::require(&policy::EXPORT, relations::anywhere(tx), tx.caller())?;
    let cycle = match cycle {
        Some(cycle) => visible(tx, cycle).await?,
        None => newest(tx).await?.ok_or(crate::Error::NotFound("cycle"))?,
    };
    let (cycle, seen) = (cycle.id, relations::role_sight(tx, &policy::EXPORT));
    let sheet = match what {
        Export::Projects => {
            let sight = relations::project_sight(tx, &policy::READ_PROJECT);
            projects(export::projects(tx, cycle, &sight).await?)
        }
        Export::Students => {
            let mut existing = read::existing(tx, Some(cycle), &[]).await?;
            existing.students.retain(|_, student| seen.sees_programme(student.programme));
            students(&existing)
        }
        Export::Supervisors => supervisors(&read::existing(tx, Some(cycle), &[]).await?),
        Export::Topics => {
            let sight = relations::topic_sight(tx, &policy::CHANGE_TOPIC);
            let listed = export::topic_numbers(tx, cycle, &sight).await?;
            let mut existing = read::existing(tx, Some(cycle), &[Kind::Topics]).await?;
            existing.topics.retain(|number, Topic { text, .. }| {
                let theirs = seen.sees_programmes(&text.programmes) || sight.is_of(text.supervisor);
                theirs && listed.contains(number)
            });
            topics(&existing)
        }
    };
    Ok(sheet)
}

async fn newest(tx: &mut Tx) -> Result<Option<Cycle>, Error> {
    Ok(list_cycles(tx, None, &base::PageRequest::default()).await?.items.into_iter().next())
}

/// Writes down that personal data left the house. Reading leaves no trace by itself, so this is a unit of its own.
pub async fn record_export(tx: &mut Tx, what: Export, rows: usize) -> Result<(), Error> {
    let detail = json!({ "what": what.name(), "rows": rows });
    Ok(record::write(tx, &policy::EXPORT, ("export", tx.caller().request()), &detail).await?)
}

fn sheet(what: Export, kind: Kind, mut rows: Vec<Vec<Cell>>) -> Sheet {
    rows.sort_by_cached_key(|row| row.first().map(|cell| format!("{cell:?}")));
    Sheet { name: what.name(), header: kind.columns().iter().map(|column| column.name).collect(), rows }
}

fn person(card: &Card) -> [Cell; 4] {
    let number = Cell::from(card.number.as_deref().unwrap_or_default());
    [number, card.family_name.as_str().into(), card.given_name.as_str().into(), card.email.as_str().into()]
}

fn list(items: &[String]) -> Cell {
    Cell::from(items.join("|").as_str())
}

/// Returns the code of each programme.
fn code(existing: &Existing, id: crate::model::ids::ProgrammeId) -> &str {
    existing.programmes.iter().find(|(_, programme)| programme.id == id).map_or("", |(code, _)| code)
}

fn students(existing: &Existing) -> Sheet {
    let rows = existing.students.iter().filter_map(|(id, student)| {
        let mut row = Vec::from(person(existing.people.get(id)?));
        let gpa = student.gpa_points.map_or(Cell::Empty, |points| Cell::Hundredths(points.into()));
        row.extend([code(existing, student.programme).into(), student.classroom.as_str().into(), gpa]);
        Some(row)
    });
    sheet(Export::Students, Kind::Students, rows.collect())
}

fn supervisors(existing: &Existing) -> Sheet {
    let rows = existing.supervisors.iter().filter_map(|(id, supervisor)| {
        let mut row = Vec::from(person(existing.people.get(id)?));
        let quotas = [supervisor.supervise_max, supervisor.chair_max, supervisor.examine_max];
        row.push(supervisor.title.as_str().into());
        row.extend(quotas.map(|quota| Cell::Count(quota.into())));
        row.push(list(&supervisor.areas));
        Some(row)
    });
    sheet(Export::Supervisors, Kind::Supervisors, rows.collect())
}

fn topics(existing: &Existing) -> Sheet {
    let rows = existing.topics.iter().map(|(number, topic)| {
        let text = &topic.text;
        let supervisor = existing.people.get(&text.supervisor).and_then(|card| card.number.as_deref());
        let programmes: Vec<String> = text.programmes.iter().map(|id| code(existing, *id).to_owned()).collect();
        let capacity = Cell::Count(text.capacity.into());
        vec![
            number.as_str().into(),
            text.title_en.as_str().into(),
            text.title_local.as_str().into(),
            supervisor.unwrap_or_default().into(),
            list(&programmes),
            capacity,
            text.area.as_str().into(),
        ]
    });
    sheet(Export::Topics, Kind::Topics, rows.collect())
}

fn projects(members: Vec<export::ProjectMember>) -> Sheet {
    let header = vec![
        "project_no",
        "title_en",
        "title_local",
        "state",
        "topic_no",
        "supervisor_no",
        "supervisor",
        "student_no",
        "student",
    ];
    let optional = |text: Option<String>| Cell::from(text.unwrap_or_default().as_str());
    let rows = members.into_iter().map(|member| {
        let project = [&member.number, &member.title_en, &member.title_local, &member.state]
            .map(|text| Cell::from(text.as_str()));
        let people = [member.topic_no, member.supervisor_no, member.supervisor, member.student_no, member.student];
        project.into_iter().chain(people.map(optional)).collect()
    });
    Sheet { name: Export::Projects.name(), header, rows: rows.collect() }
}

//! Enrol one person in a cycle: find somebody of the university, or give name and address of somebody new.
//!
//! A page for students and one for supervisors; both find people in the same way, which is here.

pub(crate) mod student;
pub(crate) mod supervisor;

use base::{FieldError, PersonId};
use futures_util::FutureExt;
use serde::Deserialize;
use web::{Ctx, Failure, Fields};

use crate::{
    Projects,
    actions::enrol::{Enrolment, FOUND_MAX, Part, Search, prepare_enrolment},
    model::{
        ids::CycleId,
        participant::{Newcomer, Whom},
    },
    store::people::Person,
};

/// What the address of such a page says.
#[derive(Deserialize)]
pub(crate) struct Wanted {
    /// What is searched for.
    q: Option<String>,
    /// Who was chosen.
    person: Option<PersonId>,
}

/// How a page finds somebody.
struct Finder {
    /// The page's address, without what is searched for.
    path: String,
    searched: bool,
    found: Vec<Found>,
    /// There may be more than were found: so many are shown.
    shown_max: Option<usize>,
    chosen: Option<Person>,
    /// The person chosen takes part in the cycle already.
    enrolled: bool,
}

struct Found {
    href: String,
    person: Person,
}

impl Finder {
    fn new(path: String, wanted: &Search, enrolment: &mut Enrolment, enrolled: bool) -> Self {
        let found = std::mem::take(&mut enrolment.found);
        let shown_max = Some(found.len()).filter(|count| *count == FOUND_MAX as usize);
        let found = found.into_iter().map(|person| Found { href: format!("{path}?person={}", person.id), person });
        let chosen = enrolment.chosen.take().map(|chosen| chosen.person);
        let searched = wanted.text.as_ref().is_some_and(|text| !text.trim().is_empty());
        Self { found: found.collect(), shown_max, searched, chosen, enrolled, path }
    }
}

/// Returns whom a form speaks of: a person chosen, or what a newcomer is called.
fn whom(form: &Fields) -> Whom {
    let text = |name| form.value(name).to_owned();
    let newcomer = || Newcomer {
        family_name: text("family_name"),
        given_name: text("given_name"),
        email: text("email"),
        number: text("number"),
    };
    named(form).map_or_else(|| Whom::New(newcomer()), Whom::Known)
}

/// Returns what is wrong with a form, when its other fields could not even be read.
fn unreadable(form: &Fields, mut errors: Vec<FieldError>) -> Failure {
    let _ = whom(form).check(&mut errors);
    Failure::fields(errors)
}

/// Returns the person that a form speaks of.
fn named(form: &Fields) -> Option<PersonId> {
    form.value("person").parse().ok()
}

async fn prepare(
    projects: &Projects,
    ctx: &Ctx,
    (cycle, part): (CycleId, Part),
    search: &Search,
) -> web::Result<Enrolment> {
    let search = search.clone();
    Ok(projects.db.read(ctx.caller(), |tx| prepare_enrolment(tx, cycle, part, search).boxed()).await?)
}

/// Returns the context with the title and the way to the page.
fn headed(ctx: Ctx, title: &str, enrolment: &Enrolment) -> Ctx {
    let cycle = &enrolment.cycle;
    ctx.title(title)
        .crumb("projects-overview-title", "/overview")
        .crumb_text(&cycle.name, format!("/overview?cycle={}", cycle.id))
}

impl From<Wanted> for Search {
    fn from(wanted: Wanted) -> Self {
        Self { text: wanted.q, person: wanted.person }
    }
}

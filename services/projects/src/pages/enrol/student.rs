//! Enrol a student.

use askama::Template;
use axum::{extract::State, response::Response};
use base::FieldError;
use futures_util::FutureExt;
use serde::Deserialize;
use web::{
    Choice, Ctx, Failure, Fields,
    extract::{Form, OnceKey, Path, Query, Signed},
};

use super::{Finder, Wanted, headed, named, prepare, unreadable, whom};
use crate::{
    Projects,
    actions::enrol::{EnrolStudent, Part, Search, enrol_student},
    model::ids::{CycleId, ProgrammeId},
    pages::programme_choices,
    store::participants::Student,
};

#[derive(Template)]
#[template(path = "enrol_student.html")]
struct EnrolStudentPage {
    ctx: Ctx,
    form: Fields,
    finder: Finder,
    programmes: Vec<Choice>,
}

#[derive(Deserialize)]
pub(crate) struct Input {
    programme: Option<ProgrammeId>,
    #[serde(default)]
    classroom: String,
    #[serde(default)]
    gpa: String,
}

pub(crate) async fn show(
    State(projects): State<Projects>,
    Path(cycle): Path<CycleId>,
    Query(wanted): Query<Wanted>,
    ctx: Ctx,
) -> web::Result<Response> {
    page(&projects, ctx, cycle, wanted.into(), Fields::default()).await
}

pub(crate) async fn submit(
    State(projects): State<Projects>,
    Signed(caller): Signed,
    Path(cycle): Path<CycleId>,
    OnceKey(once): OnceKey,
    ctx: Ctx,
    form: Form<Input>,
) -> web::Result<Response> {
    let outcome = match form.input.and_then(|input| input.command(cycle, &form.fields)) {
        Ok(command) => {
            let enrol = projects.db.write_once(&caller, once, |tx| enrol_student(tx, command).boxed());
            enrol.await.map_err(Failure::from)
        }
        Err(errors) => Err(unreadable(&form.fields, errors)),
    };
    match outcome {
        Ok(_) => Ok(ctx.redirect_toast(&format!("/overview?cycle={cycle}"), "projects-enrolled-student")),
        Err(failure) => {
            let form = form.fields.refused(failure)?;
            let search = Search { text: None, person: named(&form) };
            page(&projects, ctx, cycle, search, form).await
        }
    }
}

impl Input {
    fn command(self, cycle: CycleId, form: &Fields) -> Result<EnrolStudent, Vec<FieldError>> {
        let Self { programme, classroom, gpa } = self;
        let programme = programme.ok_or_else(|| vec![FieldError::new("programme", "required")])?;
        Ok(EnrolStudent { cycle, whom: whom(form), programme, classroom: Some(classroom), gpa })
    }
}

async fn page(projects: &Projects, ctx: Ctx, cycle: CycleId, search: Search, form: Fields) -> web::Result<Response> {
    let mut enrolment = prepare(projects, &ctx, (cycle, Part::Student), &search).await?;
    let before = enrolment.chosen.as_ref().and_then(|chosen| chosen.student.clone());
    let form = match &before {
        Some(student) if form.untouched() => filled(student),
        _ => form,
    };
    let ctx = headed(ctx, "projects-enrol-student", &enrolment);
    let path = format!("/cycles/{cycle}/students/new");
    let page = EnrolStudentPage {
        programmes: programme_choices(&ctx, &enrolment.programmes),
        finder: Finder::new(path, &search, &mut enrolment, before.is_some()),
        form,
        ctx,
    };
    web::html_with(page.form.status(), &page)
}

/// Returns the form as the student is enrolled now.
fn filled(student: &Student) -> Fields {
    let gpa = student.gpa_points.map(|points| format!("{}.{:02}", points / 100, points % 100));
    Fields::default()
        .with("programme", &student.programme_id)
        .with("classroom", &student.classroom)
        .with("gpa", &gpa.unwrap_or_default())
}

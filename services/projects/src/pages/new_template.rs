//! Create a milestone template. The form has room for some milestones; those in which nothing is typed are left out.

use askama::Template;
use axum::{extract::State, response::Response};
use base::FieldError;
use contracts::file_kind::FileKind;
use futures_util::FutureExt;
use serde::Deserialize;
use web::{
    Choice, Ctx, Failure, Fields,
    extract::{Form, OnceKey, Query, Signed},
};

use super::word_choices;
use crate::{
    Error, Projects,
    actions::create_template::{CreateTemplate, create_template, prepare_template},
    model::{
        accepted::Accepted,
        ids::TemplateId,
        milestone::{ITEMS_MAX, Item},
    },
};

/// Milestones that a form has room for, at least.
const ROOM_MIN: usize = 8;
/// Room behind those that are there already.
const ROOM_SPARE: usize = 4;

#[derive(Template)]
#[template(path = "new_template.html")]
struct NewTemplatePage {
    ctx: Ctx,
    form: Fields,
    rows: Vec<Row>,
    kinds: Vec<Choice>,
}

/// The names of a milestone's fields: those by which the action says what is wrong.
struct Row {
    number: usize,
    title_en: String,
    title_local: String,
    opens_days: String,
    due_days: String,
    mandatory: String,
    accepts: String,
    /// Whether there is something in it.
    filled: bool,
}

/// What is typed for one milestone.
#[derive(Default)]
struct Typed {
    title_en: String,
    title_local: String,
    opens_days: String,
    due_days: String,
    mandatory: bool,
    accepts: Accepted,
}

#[derive(Deserialize)]
pub(crate) struct Wanted {
    /// The template to begin with.
    from: Option<TemplateId>,
}

#[derive(Deserialize)]
pub(crate) struct Input {
    #[serde(default)]
    name: String,
}

pub(crate) async fn show(
    State(projects): State<Projects>,
    Query(wanted): Query<Wanted>,
    ctx: Ctx,
) -> web::Result<Response> {
    let views = projects.db.read(ctx.caller(), |tx| prepare_template(tx).boxed()).await?;
    let items = match wanted.from {
        None => Vec::new(),
        Some(from) => {
            let copied = views.into_iter().find(|view| view.template.id == from);
            copied.ok_or(Error::NotFound("template"))?.items
        }
    };
    let typed: Vec<Typed> = items.into_iter().map(Typed::from).collect();
    page(ctx, filled("", &typed), typed.len())
}

pub(crate) async fn create(
    State(projects): State<Projects>,
    Signed(caller): Signed,
    OnceKey(once): OnceKey,
    ctx: Ctx,
    form: Form<Input>,
) -> web::Result<Response> {
    let Input { name } = form.input.map_err(Failure::fields)?;
    // Moved together, so that what is wrong with the second of two is said at the second field, whatever was left out.
    let typed: Vec<Typed> = (0..ITEMS_MAX).filter_map(|index| Typed::at(&form.fields, index)).collect();
    let fields = filled(&name, &typed);
    let outcome = match read(&typed) {
        Ok(items) => {
            let command = CreateTemplate { name, items };
            let create = projects.db.write_once(&caller, once, |tx| create_template(tx, command).boxed());
            create.await.map_err(Failure::from)
        }
        Err(errors) => Err(Failure::fields(errors)),
    };
    match outcome {
        Ok(_) => Ok(ctx.redirect_toast("/milestone-templates", "projects-saved")),
        Err(failure) => page(ctx, fields.refused(failure)?, typed.len()),
    }
}

fn page(ctx: Ctx, form: Fields, filled: usize) -> web::Result<Response> {
    let ctx = ctx.title("projects-template-new").crumb("projects-overview-title", "/overview");
    let ctx = ctx.crumb("projects-templates", "/milestone-templates");
    let kinds = word_choices(&ctx, "projects-file-kind", FileKind::ALL.iter().map(|kind| kind.word()));
    let rows = (0..room(filled)).map(|index| Row { filled: index < filled, ..Row::at(index) }).collect();
    let page = NewTemplatePage { ctx, form, rows, kinds };
    web::html_with(page.form.status(), &page)
}

fn room(filled: usize) -> usize {
    (filled + ROOM_SPARE).clamp(ROOM_MIN, ITEMS_MAX)
}

/// Returns the form with these milestones typed, and what is usual in the room behind them.
fn filled(name: &str, typed: &[Typed]) -> Fields {
    let usual = Typed { mandatory: true, ..Typed::default() };
    let rows = typed.iter().chain(std::iter::repeat(&usual)).take(room(typed.len()));
    rows.enumerate().fold(Fields::default().with("name", name), |form, (index, typed)| typed.put(form, index))
}

fn read(typed: &[Typed]) -> Result<Vec<Item>, Vec<FieldError>> {
    let mut faults = Vec::new();
    let items = typed.iter().enumerate().map(|(index, typed)| typed.read(&Row::at(index), &mut faults)).collect();
    if faults.is_empty() { Ok(items) } else { Err(faults) }
}

impl Row {
    fn at(index: usize) -> Self {
        let name = |field: &str| format!("items.{index}.{field}");
        Self {
            number: index + 1,
            title_en: name("title_en"),
            title_local: name("title_local"),
            opens_days: name("opens_days"),
            due_days: name("due_days"),
            mandatory: name("mandatory"),
            accepts: name("accepts"),
            filled: false,
        }
    }
}

impl Typed {
    /// Returns what was typed in the row `index`, if there is anything.
    fn at(form: &Fields, index: usize) -> Option<Self> {
        let row = Row::at(index);
        let text = |name: &str| form.value(name).trim().to_owned();
        let kinds: Vec<FileKind> =
            FileKind::ALL.into_iter().filter(|kind| form.has(&row.accepts, kind.word())).collect();
        let typed = Self {
            title_en: text(&row.title_en),
            title_local: text(&row.title_local),
            opens_days: text(&row.opens_days),
            due_days: text(&row.due_days),
            mandatory: form.has(&row.mandatory, "on"),
            accepts: Accepted::of(&kinds),
        };
        let Self { title_en, title_local, opens_days, due_days, .. } = &typed;
        let is_blank = [title_en, title_local, opens_days, due_days].iter().all(|text| text.is_empty());
        (!is_blank).then_some(typed)
    }

    /// Puts it into the row `index`.
    fn put(&self, form: Fields, index: usize) -> Fields {
        let row = Row::at(index);
        let form = form
            .with(&row.title_en, &self.title_en)
            .with(&row.title_local, &self.title_local)
            .with(&row.opens_days, &self.opens_days)
            .with(&row.due_days, &self.due_days);
        let form = if self.mandatory { form.with(&row.mandatory, "on") } else { form };
        self.accepts.kinds().fold(form, |form, kind| form.with(&row.accepts, kind.word()))
    }

    fn read(&self, row: &Row, faults: &mut Vec<FieldError>) -> Item {
        let mut days = |name: &str, text: &str| {
            let read = match text.parse::<i64>() {
                Ok(days) => u16::try_from(days).map_err(|_| "range"),
                Err(_) if text.is_empty() => Err("required"),
                Err(_) => Err("number"),
            };
            read.unwrap_or_else(|reason| {
                faults.push(FieldError::new(name, reason));
                0
            })
        };
        Item {
            title_en: self.title_en.clone(),
            title_local: self.title_local.clone(),
            opens_days: days(&row.opens_days, &self.opens_days),
            due_days: days(&row.due_days, &self.due_days),
            mandatory: self.mandatory,
            accepts: self.accepts,
        }
    }
}

impl From<Item> for Typed {
    fn from(item: Item) -> Self {
        let Item { title_en, title_local, opens_days, due_days, mandatory, accepts } = item;
        Self {
            title_en,
            title_local,
            opens_days: opens_days.to_string(),
            due_days: due_days.to_string(),
            mandatory,
            accepts,
        }
    }
}

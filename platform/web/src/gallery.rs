//! The gallery: every component in its states, for whoever builds a page. Served in demonstrations only.

use std::time::Duration;

use askama::Template;
use axum::{Router, response::Response, routing::get};
use base::Timestamp;

use crate::{
    Choice, Ctx, Fields, Moment, Pager, Result, Step, StepState, Tab, assets, extract::parse_query, html, html_with,
};

#[derive(Template)]
#[template(path = "gallery.html")]
struct GalleryPage {
    ctx: Ctx,
    now: Timestamp,
    tabs: Vec<Tab>,
    steps: Vec<Step>,
    moments: Vec<Moment>,
    choices: Vec<Choice>,
    rows: Vec<(String, Timestamp, u32)>,
    pager: Pager,
    form: Fields,
    icons: Vec<&'static str>,
}

#[derive(Template)]
#[template(path = "gallery_confirm.html")]
struct ConfirmPage {
    ctx: Ctx,
}

/// Returns the routes of the gallery, under `/design`.
pub fn routes() -> Router {
    Router::new().route("/design", get(show).post(refuse)).route("/design/confirm", get(confirm))
}

async fn show(ctx: Ctx) -> Result<Response> {
    page(ctx, Fields::default())
}

async fn refuse(ctx: Ctx) -> Result<Response> {
    let typed = parse_query("title=&mail=ana&text=Rice+and+water&state=open&kind=open&tags=open&tags=full&agreed=on");
    let form = typed.unwrap_or_default().iter().fold(Fields::default(), |form, (name, value)| form.with(name, value));
    page(ctx, form.wrong("title", "required").wrong("mail", "email").wrong("upload", "file_type"))
}

async fn confirm(ctx: Ctx) -> Result<Response> {
    let ctx = ctx.title("confirm-question").crumb("gallery", "/design");
    html(&ConfirmPage { ctx })
}

fn page(ctx: Ctx, form: Fields) -> Result<Response> {
    let ctx = ctx.title("gallery").crumb("home", "/");
    let now = ctx.now();
    let word = |key: &str| ctx.t(key).to_owned();
    let page = GalleryPage {
        now,
        tabs: vec![
            Tab { label: word("gallery-figures"), href: "#figures".to_owned(), count: Some(4), current: true },
            Tab { label: word("gallery-forms"), href: "#forms".to_owned(), count: None, current: false },
            Tab { label: word("gallery-tables"), href: "#tables".to_owned(), count: Some(3), current: false },
        ],
        steps: steps(&ctx),
        moments: moments(&ctx),
        choices: vec![Choice::new("open", word("gallery-open")), Choice::new("full", word("gallery-soon"))],
        rows: rows(now),
        pager: Pager { first: Some("/design".to_owned()), next: Some("/design?after=x".to_owned()) },
        icons: assets::icon_names().collect(),
        form,
        ctx,
    };
    html_with(page.form.status(), &page)
}

fn steps(ctx: &Ctx) -> Vec<Step> {
    let step = |key: &str, state, note: Option<&str>| Step {
        label: ctx.t(key).to_owned(),
        state,
        note: note.map(ToOwned::to_owned),
    };
    vec![
        step("gallery-title", StepState::Done, Some("12 Sep")),
        step("gallery-text", StepState::Done, Some("3 Oct")),
        step("gallery-file", StepState::Current, Some("1 Jun")),
        step("confirm", StepState::Ahead, None),
    ]
}

fn moments(ctx: &Ctx) -> Vec<Moment> {
    let moment = |hours: u64, title: &str, text: Option<&str>, icon, tone| Moment {
        at: ctx.now().minus(Duration::from_hours(hours)),
        title: title.to_owned(),
        actor: Some("Phonesavanh".to_owned()),
        text: text.map(ToOwned::to_owned),
        icon,
        tone,
    };
    vec![
        moment(1, "Approved", None, "check", "success"),
        moment(30, "Changes asked for", Some("Name the data set.\nAdd two sources."), "edit", "warning"),
        moment(50, "Sent", None, "file", "neutral"),
    ]
}

fn rows(now: Timestamp) -> Vec<(String, Timestamp, u32)> {
    vec![
        ("Rice yield from satellite images".to_owned(), now + Duration::from_hours(80), 2),
        ("ລະບົບຄຸ້ມຄອງຫ້ອງສະໝຸດ".to_owned(), now + Duration::from_hours(400), 1),
        ("A timetable that explains itself".to_owned(), now.minus(Duration::from_hours(30)), 3),
    ]
}

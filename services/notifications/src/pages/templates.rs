//! The mail templates with sample values, for administrators.

use axum::{extract::State, response::Response};
use futures_util::FutureExt;

use base::Caller;
use contracts::roles::VOCABULARY;
use web::{
    Ctx,
    extract::{Path, Signed},
};

use crate::{
    Error, Notifications, Result,
    model::{
        letter::{Addressee, Letter},
        template::Template,
    },
    policy, store,
};

#[derive(askama::Template)]
#[template(path = "templates.html")]
struct TemplatesPage {
    ctx: Ctx,
    rows: Vec<(&'static str, String)>,
    counts: Vec<(String, i64)>,
}

#[derive(askama::Template)]
#[template(path = "template.html")]
struct TemplatePage {
    ctx: Ctx,
    letters: Vec<Letter>,
}

pub(crate) async fn list(
    State(notifications): State<Notifications>,
    Signed(caller): Signed,
    ctx: Ctx,
) -> web::Result<Response> {
    permit(&caller, &ctx)?;
    let counts = notifications.db().read(&caller, |tx| store::mail::count(tx).boxed()).await?;
    let subject = |template| sample(&notifications, &ctx, template, ctx.language()).subject;
    let rows = Template::all().map(|template| (template.name(), subject(template))).collect();
    let ctx = ctx.title("mail-templates-title").crumb("notifications-title", "/notifications");
    web::html(&TemplatesPage { ctx, rows, counts })
}

pub(crate) async fn show(
    State(notifications): State<Notifications>,
    Signed(caller): Signed,
    ctx: Ctx,
    Path(name): Path<String>,
) -> web::Result<Response> {
    permit(&caller, &ctx)?;
    let template = name.parse().map_err(|_| Error::UnknownTemplate(name.clone()))?;
    let tags = ctx.languages().iter().map(|(tag, _)| *tag);
    let letters = tags.map(|tag| sample(&notifications, &ctx, template, tag)).collect();
    let ctx = ctx.title_text(name).crumb("mail-templates-title", "/notifications/templates");
    web::html(&TemplatePage { ctx, letters })
}

fn permit(caller: &Caller, ctx: &Ctx) -> Result<()> {
    access::require(&policy::LIST_TEMPLATES, VOCABULARY.held(caller, ctx.now(), None), caller)?;
    Ok(())
}

fn sample(notifications: &Notifications, ctx: &Ctx, template: Template, language: &str) -> Letter {
    let to = Addressee {
        name: ctx.person_name().unwrap_or_default(),
        language,
        zone: ctx.zone().clone(),
        tenant_name: ctx.tenant_name().unwrap_or_default(),
    };
    notifications.writer().letter(template, &template.sample(), template.sample_link(), &to)
}

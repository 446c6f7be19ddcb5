//! Rename a milestone template, in a dialog where scripts run.

use askama::Template;
use axum::{extract::State, response::Response};
use futures_util::FutureExt;
use serde::Deserialize;
use web::{
    Ctx, Failure, Fields,
    extract::{Form, OnceKey, Path, Signed},
};

use crate::{
    Projects,
    actions::rename_template::{RenameTemplate, prepare_rename, rename_template},
    model::ids::TemplateId,
};

#[derive(Template)]
#[template(path = "rename_template.html")]
struct RenameTemplatePage {
    ctx: Ctx,
    form: Fields,
    template: TemplateId,
    version: i64,
}

#[derive(Deserialize)]
pub(crate) struct Input {
    version: i64,
    #[serde(default)]
    name: String,
}

pub(crate) async fn show(
    State(projects): State<Projects>,
    Path(template): Path<TemplateId>,
    ctx: Ctx,
) -> web::Result<Response> {
    page(&projects, ctx, template, Fields::default()).await
}

pub(crate) async fn submit(
    State(projects): State<Projects>,
    Signed(caller): Signed,
    Path(template): Path<TemplateId>,
    OnceKey(once): OnceKey,
    ctx: Ctx,
    form: Form<Input>,
) -> web::Result<Response> {
    let outcome = match form.input {
        Ok(Input { version, name }) => {
            let command = RenameTemplate { template, version, name };
            let rename = projects.db.write_once(&caller, once, |tx| rename_template(tx, command).boxed());
            rename.await.map_err(Failure::from)
        }
        Err(errors) => Err(Failure::fields(errors)),
    };
    match outcome {
        Ok(_) => Ok(ctx.redirect_toast("/milestone-templates", "projects-saved")),
        Err(failure) => page(&projects, ctx, template, form.fields.refused(failure)?).await,
    }
}

async fn page(projects: &Projects, ctx: Ctx, id: TemplateId, form: Fields) -> web::Result<Response> {
    let template = projects.db.read(ctx.caller(), |tx| prepare_rename(tx, id).boxed()).await?;
    let form = if form.untouched() { form.with("name", &template.name) } else { form };
    let ctx = ctx.title("projects-template-rename").crumb("projects-overview-title", "/overview");
    let ctx = ctx.crumb("projects-templates", "/milestone-templates");
    let page = RenameTemplatePage { template: id, version: template.version, form, ctx };
    web::html_with(page.form.status(), &page)
}

//! Delete a milestone template: a page that asks first, shown as a dialog where scripts run.

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
    actions::delete_template::{DeleteTemplate, delete_template, prepare_deletion},
    model::ids::TemplateId,
};

#[derive(Template)]
#[template(path = "delete_template.html")]
struct DeleteTemplatePage {
    ctx: Ctx,
    form: Fields,
    template: TemplateId,
    version: i64,
    name: String,
}

#[derive(Deserialize)]
pub(crate) struct Input {
    version: i64,
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
        Ok(Input { version }) => {
            let command = DeleteTemplate { template, version: Some(version) };
            let delete = projects.db.write_once(&caller, once, |tx| delete_template(tx, command).boxed());
            delete.await.map_err(Failure::from)
        }
        Err(errors) => Err(Failure::fields(errors)),
    };
    match outcome {
        Ok(()) => Ok(ctx.redirect_toast("/milestone-templates", "projects-template-deleted")),
        Err(failure) => page(&projects, ctx, template, form.fields.refused(failure)?).await,
    }
}

async fn page(projects: &Projects, ctx: Ctx, id: TemplateId, form: Fields) -> web::Result<Response> {
    let template = projects.db.read(ctx.caller(), |tx| prepare_deletion(tx, id).boxed()).await?;
    let ctx = ctx.title("projects-template-delete").crumb("projects-overview-title", "/overview");
    let ctx = ctx.crumb("projects-templates", "/milestone-templates");
    let page = DeleteTemplatePage { template: id, version: template.version, name: template.name, form, ctx };
    web::html_with(page.form.status(), &page)
}

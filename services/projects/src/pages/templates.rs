//! Milestone templates: what a cycle's projects can be planned by.

use askama::Template;
use axum::{extract::State, response::Response};
use futures_util::FutureExt;
use web::{Ctx, extract::Signed};

use super::title;
use crate::{
    Projects,
    actions::create_template::{TemplateView, prepare_template},
    model::milestone::Item,
};

#[derive(Template)]
#[template(path = "templates.html")]
struct TemplatesPage {
    ctx: Ctx,
    templates: Vec<TemplateView>,
}

impl TemplatesPage {
    fn title(&self, item: &Item) -> String {
        title(&self.ctx, &item.title_en, &item.title_local)
    }

    fn kinds(&self, item: &Item) -> String {
        let kinds = item.accepts.kinds().map(|kind| self.ctx.tv("projects-file-kind", kind.word()));
        kinds.collect::<Vec<_>>().join(", ")
    }
}

pub(crate) async fn show(State(projects): State<Projects>, Signed(caller): Signed, ctx: Ctx) -> web::Result<Response> {
    let templates = projects.db.read(&caller, |tx| prepare_template(tx).boxed()).await?;
    let ctx = ctx.title("projects-templates").crumb("projects-overview-title", "/overview");
    web::html(&TemplatesPage { ctx, templates })
}

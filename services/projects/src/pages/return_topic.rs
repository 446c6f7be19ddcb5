//! Return a topic for rework: a page that asks for the reason, shown as a dialog where scripts run.

use askama::Template;
use axum::{extract::State, response::Response};
use futures_util::FutureExt;
use serde::Deserialize;
use web::{
    Ctx, Failure, Fields,
    extract::{Form, OnceKey, Path, Signed},
};

use super::title;
use crate::{
    Error, Projects,
    actions::{
        move_topic::{MoveTopic, move_topic},
        show_topic::show_topic,
    },
    model::{ids::TopicId, topic::Action},
};

#[derive(Template)]
#[template(path = "return_topic.html")]
struct ReturnTopicPage {
    ctx: Ctx,
    form: Fields,
    topic: TopicId,
    version: i64,
    supervisor_name: String,
}

#[derive(Deserialize)]
pub(crate) struct Input {
    version: i64,
    #[serde(default)]
    reason: String,
}

pub(crate) async fn show(
    State(projects): State<Projects>,
    Path(topic): Path<TopicId>,
    ctx: Ctx,
) -> web::Result<Response> {
    page(&projects, ctx, topic, Fields::default()).await
}

pub(crate) async fn submit(
    State(projects): State<Projects>,
    Signed(caller): Signed,
    Path(topic): Path<TopicId>,
    OnceKey(once): OnceKey,
    ctx: Ctx,
    form: Form<Input>,
) -> web::Result<Response> {
    let outcome = match form.input {
        Ok(Input { version, reason }) => {
            let command = MoveTopic { topic, action: Action::Return, version: Some(version), reason };
            let back = projects.db.write_once(&caller, once, |tx| move_topic(tx, command).boxed());
            back.await.map_err(Failure::from)
        }
        Err(errors) => Err(Failure::fields(errors)),
    };
    match outcome {
        Ok(_) => Ok(ctx.redirect_toast(&format!("/topics/{topic}"), "projects-topic-returned")),
        Err(failure) => page(&projects, ctx, topic, form.fields.refused(failure)?).await,
    }
}

async fn page(projects: &Projects, ctx: Ctx, id: TopicId, form: Fields) -> web::Result<Response> {
    let view = projects.db.read(ctx.caller(), |tx| show_topic(tx, id).boxed()).await?;
    // A form that was refused is shown again with what is in its way; one that nobody may send is not there.
    if !form.is_refused() && !view.legal.contains(&Action::Return) {
        return Err(Error::NotFound("topic").into());
    }
    let name = title(&ctx, &view.topic.title_en, &view.topic.title_local);
    let ctx = ctx.title("projects-topic-return").crumb("projects-topics-title", "/topics");
    let ctx = ctx.crumb_text(name, format!("/topics/{id}"));
    let (version, supervisor_name) = (view.topic.version, view.topic.supervisor_name);
    let page = ReturnTopicPage { topic: id, version, supervisor_name, form, ctx };
    web::html_with(page.form.status(), &page)
}

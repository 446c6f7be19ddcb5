//! Change a topic.

use askama::Template;
use axum::{extract::State, response::Response};
use futures_util::FutureExt;
use serde::Deserialize;
use web::{
    Choice, Ctx, Failure, Fields,
    extract::{Form, Path, Signed},
};

use super::{programme_choices, title};
use crate::{
    Error, Projects,
    actions::{
        change_topic::{ChangeTopic, change_topic},
        show_topic::{TopicView, show_topic},
    },
    model::ids::{ProgrammeId, TopicId},
    store::programmes,
};

#[derive(Template)]
#[template(path = "change_topic.html")]
struct ChangeTopicPage {
    ctx: Ctx,
    form: Fields,
    topic: TopicId,
    version: i64,
    programmes: Vec<Choice>,
}

#[derive(Deserialize)]
pub(crate) struct Input {
    version: i64,
    title_en: String,
    #[serde(default)]
    title_local: String,
    #[serde(default)]
    summary: String,
    #[serde(default)]
    area: String,
    capacity: u32,
    #[serde(default)]
    programmes: Vec<ProgrammeId>,
}

pub(crate) async fn show(
    State(projects): State<Projects>,
    Path(topic): Path<TopicId>,
    ctx: Ctx,
) -> web::Result<Response> {
    page(&projects, ctx, topic, Fields::default()).await
}

pub(crate) async fn change(
    State(projects): State<Projects>,
    Signed(caller): Signed,
    Path(topic): Path<TopicId>,
    ctx: Ctx,
    form: Form<Input>,
) -> web::Result<Response> {
    let outcome = match form.input {
        Ok(input) => {
            let Input { version, title_en, title_local, summary, area, capacity, programmes } = input;
            let command = ChangeTopic { topic, version, title_en, title_local, summary, area, capacity, programmes };
            projects.db.write(&caller, |tx| change_topic(tx, command).boxed()).await.map_err(Failure::from)
        }
        Err(errors) => Err(Failure::fields(errors)),
    };
    match outcome {
        Ok(_) => Ok(ctx.redirect_toast(&format!("/topics/{topic}"), "projects-saved")),
        Err(failure) => page(&projects, ctx, topic, form.fields.refused(failure)?).await,
    }
}

async fn page(projects: &Projects, ctx: Ctx, id: TopicId, form: Fields) -> web::Result<Response> {
    let read = projects.db.read(ctx.caller(), |tx| {
        async move { Ok::<_, Error>((show_topic(tx, id).await?, programmes::list(tx).await?)) }.boxed()
    });
    let (view, programmes) = read.await?;
    if !view.may_change {
        return Err(Error::NotFound("topic").into());
    }
    let form = if form.untouched() { prefilled(form, &view) } else { form };
    let name = title(&ctx, &view.topic.title_en, &view.topic.title_local);
    let ctx = ctx.title("projects-topic-change").crumb("projects-topics-title", "/topics");
    let ctx = ctx.crumb_text(name, format!("/topics/{id}"));
    let programmes = programme_choices(&ctx, &programmes);
    let page = ChangeTopicPage { form, topic: id, version: view.topic.version, programmes, ctx };
    web::html_with(page.form.status(), &page)
}

fn prefilled(form: Fields, view: &TopicView) -> Fields {
    let topic = &view.topic;
    let form = form.with("title_en", &topic.title_en).with("title_local", &topic.title_local);
    let form = form.with("summary", &topic.summary).with("area", &topic.area).with("capacity", &topic.capacity);
    view.programmes.iter().fold(form, |form, programme| form.with("programmes", &programme.id))
}

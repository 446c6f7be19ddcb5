//! One topic, and its steps.

use askama::Template;
use axum::{extract::State, response::Response};
use contracts::roles::{STUDENT, VOCABULARY};
use futures_util::FutureExt;
use serde::Deserialize;
use web::{
    Ctx, Failure, Moment,
    extract::{Form, OnceKey, Path, Signed},
};

use super::{title, topic_tone};
use crate::{
    Projects,
    actions::{
        move_topic::{MoveTopic, move_topic},
        show_topic::show_topic,
    },
    model::{
        ids::TopicId,
        topic::{Action, State as TopicState},
    },
    store::{topic_history::TopicStep, topics::Topic},
};

#[derive(Template)]
#[template(path = "topic.html")]
struct TopicPage {
    ctx: Ctx,
    topic: Topic,
    other_title: String,
    state: String,
    tone: &'static str,
    programmes: Vec<String>,
    /// What becomes of a topic in this state, and through whom.
    next: String,
    returned: Option<TopicStep>,
    moments: Vec<Moment>,
    steps: Vec<Step>,
    may_return: bool,
    may_propose: bool,
    may_change: bool,
}

struct Step {
    action: &'static str,
    label: String,
}

#[derive(Deserialize)]
pub(crate) struct Input {
    action: Action,
    #[serde(default)]
    reason: String,
}

pub(crate) async fn show(
    State(projects): State<Projects>,
    Signed(caller): Signed,
    Path(topic): Path<TopicId>,
    ctx: Ctx,
) -> web::Result<Response> {
    let view = projects.db.read(&caller, |tx| show_topic(tx, topic).boxed()).await?;
    let returned = view.returned().cloned();
    let topic = view.topic;
    let shown = title(&ctx, &topic.title_en, &topic.title_local);
    let other_title = if shown == topic.title_en { topic.title_local.clone() } else { topic.title_en.clone() };
    let ctx = ctx.title_text(shown).crumb("projects-topics-title", "/topics");
    let student = VOCABULARY.held_anywhere(&caller, ctx.now()).meets(STUDENT);
    let label = |action: &Action| Step { action: action.word(), label: ctx.tv("projects-topic-action", action.word()) };
    web::html(&TopicPage {
        other_title,
        state: ctx.tv("projects-topic-state", topic.state.word()),
        tone: topic_tone(topic.state),
        programmes: view.programmes.iter().map(|one| title(&ctx, &one.title_en, &one.title_local)).collect(),
        next: ctx.tv("projects-topic-next", topic.state.word()),
        returned,
        moments: view.history.iter().rev().map(|step| moment(&ctx, step)).collect(),
        // Returning a topic needs words; it is done where they can be written.
        steps: view.legal.iter().filter(|action| **action != Action::Return).map(label).collect(),
        may_return: view.legal.contains(&Action::Return),
        may_change: view.may_change && topic.state != TopicState::Archived,
        may_propose: student && topic.state == TopicState::Open,
        topic,
        ctx,
    })
}

pub(crate) async fn step(
    State(projects): State<Projects>,
    Signed(caller): Signed,
    Path(topic): Path<TopicId>,
    OnceKey(once): OnceKey,
    ctx: Ctx,
    form: Form<Input>,
) -> web::Result<Response> {
    let Input { action, reason } = form.input.map_err(Failure::fields)?;
    let command = MoveTopic { topic, action, version: None, reason };
    projects.db.write_once(&caller, once, |tx| move_topic(tx, command).boxed()).await?;
    Ok(ctx.redirect_toast(&format!("/topics/{topic}"), "projects-saved"))
}

fn moment(ctx: &Ctx, step: &TopicStep) -> Moment {
    let (action, state) = (step.action.word(), step.to.word());
    Moment {
        at: step.at,
        title: format!("{} → {}", ctx.tv("projects-topic-action", action), ctx.tv("projects-topic-state", state)),
        actor: (!step.actor_name.is_empty()).then(|| step.actor_name.clone()),
        text: (!step.reason.is_empty()).then(|| step.reason.clone()),
        icon: if step.action == Action::Return { "warning" } else { "check" },
        tone: topic_tone(step.to),
    }
}

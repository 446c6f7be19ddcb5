//! My tasks: what waits for me.

use askama::Template;
use axum::{extract::State, response::Response};
use base::Timestamp;
use contracts::roles::{STUDENT, VOCABULARY};
use futures_util::FutureExt;
use web::{Ctx, extract::Signed};

use super::{project_tone, title};
use crate::{
    Error, Projects,
    actions::list_tasks::{Task, list_tasks},
    model::task::Kind,
    store::projects,
};

#[derive(Template)]
#[template(path = "tasks.html")]
struct TasksPage {
    ctx: Ctx,
    tasks: Vec<Row>,
    projects: Vec<Mine>,
    student: bool,
}

struct Row {
    what: String,
    href: String,
    number: String,
    title: String,
    since: Timestamp,
    due_at: Option<Timestamp>,
    overdue: bool,
}

struct Mine {
    href: String,
    number: String,
    title: String,
    state: String,
    tone: &'static str,
}

pub(crate) async fn show(State(projects): State<Projects>, Signed(caller): Signed, ctx: Ctx) -> web::Result<Response> {
    let read = projects.db.read(&caller, |tx| {
        async move {
            let tasks = list_tasks(tx).await?;
            let mine = match tx.caller().person_id() {
                Some(person) => projects::of_member(tx, person).await?,
                None => Vec::new(),
            };
            Ok::<_, Error>((tasks, mine))
        }
        .boxed()
    });
    let (tasks, mine) = read.await?;
    let ctx = ctx.title("projects-tasks-title");
    let tasks = tasks.into_iter().map(|task| row(&ctx, task)).collect();
    let mine = mine.into_iter().map(|project| Mine {
        href: format!("/projects/{}", project.id),
        title: title(&ctx, &project.title_en, &project.title_local),
        state: ctx.tv("projects-project-state", project.state.word()),
        tone: project_tone(project.state),
        number: project.number,
    });
    let student = VOCABULARY.held_anywhere(&caller, ctx.now()).meets(STUDENT);
    web::html(&TasksPage { tasks, projects: mine.collect(), student, ctx })
}

fn row(ctx: &Ctx, task: Task) -> Row {
    let object = task.object;
    let href = match (task.kind, task.milestone) {
        (Kind::ReviewTopic | Kind::CorrectTopic, _) => format!("/topics/{object}"),
        (Kind::AnswerChanges, _) => format!("/projects/{object}/resubmit"),
        (Kind::SubmitFinal, _) => format!("/projects/{object}/final"),
        (_, Some(milestone)) => format!("/milestones/{milestone}"),
        (_, None) => format!("/projects/{object}"),
    };
    Row {
        what: ctx.tv("projects-task", task.kind.word()),
        href,
        number: task.number,
        title: title(ctx, &task.title.en, &task.title.local),
        since: task.since,
        overdue: task.due_at.is_some_and(|due_at| due_at < ctx.now()),
        due_at: task.due_at,
    }
}

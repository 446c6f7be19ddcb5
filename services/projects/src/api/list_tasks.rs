//! List what waits for the caller.

use axum::extract::State;
use base::Timestamp;
use futures_util::FutureExt;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;
use web::extract::{Json, Signed};

use crate::{
    Projects,
    actions::list_tasks::{self, Task},
};

/// Something that waits for the caller.
#[derive(Serialize, ToSchema)]
struct TaskBody {
    kind: &'static str,
    /// What it is about: a project, or for `review_topic` and `correct_topic` a topic.
    object: Uuid,
    milestone: Option<Uuid>,
    number: String,
    title: String,
    #[schema(value_type = String)]
    since: Timestamp,
    #[schema(value_type = Option<String>)]
    due_at: Option<Timestamp>,
}

/// List my tasks.
#[utoipa::path(get, path = "/api/v1/tasks", tag = "tasks",
    responses((status = 200, body = web::List<TaskBody>), (status = "default", body = web::Problem, content_type = "application/problem+json")))]
pub(crate) async fn list_tasks(
    State(projects): State<Projects>,
    Signed(caller): Signed,
) -> web::Result<Json<web::List<impl Serialize>>> {
    let tasks = projects.db.read(&caller, |tx| list_tasks::list_tasks(tx).boxed()).await?;
    Ok(Json(web::List::<TaskBody>::whole(tasks)))
}

impl From<Task> for TaskBody {
    fn from(task: Task) -> Self {
        let Task { kind, object, milestone, number, title, since, due_at } = task;
        Self { kind: kind.word(), object, milestone, number, title: title.en, since, due_at }
    }
}

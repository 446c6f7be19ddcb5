//! HTML: one file per page. A page reads the request, calls one action, and renders; the template has the page's name.

pub(crate) mod change_cycle;
pub(crate) mod change_request;
pub(crate) mod change_topic;
pub(crate) mod delete_template;
pub(crate) mod download;
pub(crate) mod enrol;
pub(crate) mod final_submission;
pub(crate) mod import;
pub(crate) mod milestone;
mod moments;
pub(crate) mod new_cycle;
pub(crate) mod new_template;
pub(crate) mod new_topic;
pub(crate) mod open_cycle;
pub(crate) mod overview;
pub(crate) mod plan_cycle;
pub(crate) mod project;
pub(crate) mod projects;
pub(crate) mod propose;
pub(crate) mod receipt;
pub(crate) mod rename_template;
pub(crate) mod resubmit;
pub(crate) mod return_topic;
pub(crate) mod step;
pub(crate) mod supervision;
pub(crate) mod tasks;
pub(crate) mod templates;
pub(crate) mod topic;
pub(crate) mod topics;
mod upload;

use web::{Choice, Ctx};

use crate::{
    model::{life, milestone as milestones, topic as topic_model},
    store::programmes::Programme,
};

/// Returns the title in the reader's language, as far as there is one.
fn title(ctx: &Ctx, english: &str, local: &str) -> String {
    let chosen = if ctx.language() == "en" || local.is_empty() { english } else { local };
    chosen.to_owned()
}

/// Returns the options of a filter by words: value and translation.
fn word_choices(ctx: &Ctx, prefix: &str, words: impl IntoIterator<Item = &'static str>) -> Vec<Choice> {
    words.into_iter().map(|word| Choice::new(word, ctx.tv(prefix, word))).collect()
}

fn programme_choices(ctx: &Ctx, programmes: &[Programme]) -> Vec<Choice> {
    let label = |one: &Programme| format!("{} · {}", one.code, title(ctx, &one.title_en, &one.title_local));
    programmes.iter().map(|one| Choice::new(&one.id, label(one))).collect()
}

/// Returns the colour in which a project's state is shown.
const fn project_tone(state: life::State) -> &'static str {
    use life::State as S;
    match state {
        S::Draft | S::Archived | S::Anonymised => "neutral",
        S::Proposed | S::Submitted | S::Admitted | S::DefenceScheduled | S::CorrectionsReview | S::Marking => "info",
        S::ChangesRequested | S::Suspended | S::Corrections => "warning",
        S::Approved | S::Active | S::Defended | S::Marked | S::Moderated | S::Ratified | S::Released => "success",
        S::Rejected | S::Lapsed | S::Withdrawn | S::Failed => "danger",
    }
}

/// Returns the colour in which a milestone's state is shown.
const fn milestone_tone(state: milestones::State) -> &'static str {
    use milestones::State as S;
    match state {
        S::Planned | S::Waived => "neutral",
        S::Due | S::Returned => "warning",
        S::Submitted => "info",
        S::Approved => "success",
        S::Missed => "danger",
    }
}

/// Returns the colour in which a topic's state is shown.
const fn topic_tone(state: topic_model::State) -> &'static str {
    use topic_model::State as S;
    match state {
        S::Draft | S::Closed | S::Archived => "neutral",
        S::InReview => "info",
        S::Open => "success",
        S::Full => "warning",
    }
}

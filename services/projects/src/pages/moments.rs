//! What happened to a project and its milestones, as a timeline shows it.

use web::{Ctx, Moment};

use super::{milestone_tone, project_tone, title};
use crate::{
    actions::list_history::Happening,
    model::{milestone::Action, proposal::ChangeRequest},
    store::{history::Entry, milestone_history::MilestoneStep},
};

/// A change asked for, with what became of it.
pub(super) struct ChangeRow {
    pub(super) request: String,
    pub(super) answer: String,
    pub(super) state: String,
    pub(super) tone: &'static str,
}

/// Returns a happening of a project's.
pub(super) fn moment(ctx: &Ctx, happening: &Happening) -> Moment {
    match happening {
        Happening::Project(entry, changes) => of_project(ctx, entry, changes),
        Happening::Milestone(step) => {
            let shown = title(ctx, &step.title_en, &step.title_local);
            let moment = of_milestone(ctx, step);
            Moment { title: format!("{shown}: {}", moment.title), ..moment }
        }
    }
}

/// Returns a step of a milestone, without saying of which.
pub(super) fn of_milestone(ctx: &Ctx, step: &MilestoneStep) -> Moment {
    let (action, state) = (step.action.word(), step.to.word());
    Moment {
        at: step.at,
        title: format!(
            "{} → {}",
            ctx.tv("projects-milestone-action", action),
            ctx.tv("projects-milestone-state", state)
        ),
        actor: (!step.actor_name.is_empty()).then(|| step.actor_name.clone()),
        text: (!step.reason.is_empty()).then(|| step.reason.clone()),
        icon: if matches!(step.action, Action::Return | Action::Miss) { "warning" } else { "check" },
        tone: milestone_tone(step.to),
    }
}

/// Returns a change asked for, with what became of it in words.
pub(super) fn change_row(ctx: &Ctx, change: &ChangeRequest) -> ChangeRow {
    let (key, tone) = match change {
        change if change.is_open() => ("projects-change-open", "warning"),
        change if change.done => ("projects-change-done", "success"),
        _ => ("projects-change-answered", "info"),
    };
    ChangeRow { request: change.request.clone(), answer: change.answer.clone(), state: ctx.t(key).to_owned(), tone }
}

fn of_project(ctx: &Ctx, entry: &Entry, changes: &[ChangeRequest]) -> Moment {
    let (action, state) = (entry.action.word(), entry.to.word());
    let said = (!entry.reason.is_empty()).then(|| entry.reason.clone());
    let lines: Vec<_> = said.into_iter().chain(changes.iter().map(|change| line(ctx, change))).collect();
    Moment {
        at: entry.at,
        title: format!("{} → {}", ctx.tv("projects-action", action), ctx.tv("projects-project-state", state)),
        actor: (!entry.actor_name.is_empty()).then(|| entry.actor_name.clone()),
        text: (!lines.is_empty()).then(|| lines.join("\n")),
        icon: "check",
        tone: project_tone(entry.to),
    }
}

/// Returns a change asked for and what became of it, in one line.
fn line(ctx: &Ctx, change: &ChangeRequest) -> String {
    let ChangeRow { request, answer, state, .. } = change_row(ctx, change);
    if answer.is_empty() { format!("{request} – {state}") } else { format!("{request} – {state}: {answer}") }
}

//! One project: where it stands, who acts next, what blocks, its milestones, files and history.

use askama::Template;
use axum::{extract::State, response::Response};
use base::Timestamp;
use contracts::roles::VOCABULARY;
use futures_util::FutureExt;
use web::{
    Ctx, Moment, Step, StepState,
    extract::{OnceKey, Path, Signed},
};

use super::{
    milestone_tone,
    moments::{ChangeRow, change_row, moment},
    project_tone, title,
};
use crate::{
    Projects,
    actions::{
        approve::{Approve, approve as approve_proposal},
        confirm_membership::confirm_membership,
        decline_membership::decline_membership,
        show_project::{ProjectView, show_project},
    },
    model::{
        facts::Guard,
        ids::ProjectId,
        life::{self, Action, State as Life},
        machine::Row,
    },
    store::{milestones::Milestone, proposals::Proposal, submissions::Submission},
};

#[derive(Template)]
#[template(path = "project.html")]
struct ProjectPage {
    ctx: Ctx,
    view: ProjectView,
    state: String,
    tone: &'static str,
    steps: Vec<Step>,
    next: Vec<String>,
    blocked: Vec<Blocked>,
    /// Changes last asked for.
    asked: Option<Asked>,
    /// The newest first.
    proposals: Vec<Version>,
    buttons: Vec<Button>,
    milestones: Vec<MilestoneRow>,
    files: Vec<FileRow>,
    moments: Vec<Moment>,
    unconfirmed: bool,
    /// The way goes on outside: nothing that follows can be done here yet.
    goes_on_outside: bool,
    settled: usize,
}

/// Changes asked for in a version of the proposal.
struct Asked {
    version: u32,
    at: Timestamp,
    changes: Vec<ChangeRow>,
}

/// A version of the proposal, with the changes asked for in it.
struct Version {
    proposal: Proposal,
    changes: Vec<ChangeRow>,
}

/// What is missing for a step of the reader's.
struct Blocked {
    action: String,
    missing: Vec<String>,
}

/// A step that the reader can take.
struct Button {
    label: String,
    href: String,
    kind: &'static str,
    /// A form that posts at once; otherwise a page that asks first.
    posts: bool,
    dialog: bool,
}

struct MilestoneRow {
    href: String,
    title: String,
    state: String,
    tone: &'static str,
    due_at: Timestamp,
    mandatory: bool,
}

struct FileRow {
    receipt_href: String,
    file_href: String,
    name: String,
    what: String,
    version: u32,
    sha256: String,
    /// Its beginning: enough to tell versions apart; the receipt has the whole.
    short_sha256: String,
    late: bool,
    by: String,
    at: Timestamp,
}

pub(crate) async fn show(
    State(projects): State<Projects>,
    Signed(caller): Signed,
    Path(project): Path<ProjectId>,
    ctx: Ctx,
) -> web::Result<Response> {
    let view = projects.db.read(&caller, |tx| show_project(tx, project).boxed()).await?;
    let shown = title(&ctx, &view.case.project.title_en, &view.case.project.title_local);
    let ctx = ctx.title_text(shown).crumb("projects-projects-title", "/projects");
    let state = view.case.project.state;
    let me = caller.person_id();
    web::html(&ProjectPage {
        state: ctx.tv("projects-project-state", state.word()),
        tone: project_tone(state),
        steps: way(&ctx, state),
        next: VOCABULARY.names(view.next).iter().map(|name| ctx.tv("projects-subject", name)).collect(),
        blocked: blocked(&ctx, &view),
        asked: asked(&ctx, &view),
        proposals: view.proposals.iter().map(|one| version(&ctx, &view, one)).collect(),
        buttons: view.legal.iter().filter_map(|action| button(&ctx, project, *action)).collect(),
        milestones: view.milestones.iter().map(|one| milestone_row(&ctx, one)).collect(),
        files: view.submissions.iter().rev().map(|one| file_row(&ctx, &view, one)).collect(),
        moments: view.history.iter().rev().map(|one| moment(&ctx, one)).collect(),
        unconfirmed: !state.is_over() && view.case.is_unconfirmed(me),
        goes_on_outside: life::ahead(state).next().is_some() && !life::ahead(state).any(Row::is_fed),
        settled: view.milestones.iter().filter(|one| one.state.is_settled()).count(),
        view,
        ctx,
    })
}

pub(crate) async fn approve(
    State(projects): State<Projects>,
    Signed(caller): Signed,
    Path(project): Path<ProjectId>,
    OnceKey(once): OnceKey,
    ctx: Ctx,
) -> web::Result<Response> {
    let command = Approve { project, version: None };
    projects.db.write_once(&caller, once, |tx| approve_proposal(tx, command).boxed()).await?;
    Ok(ctx.redirect_toast(&format!("/projects/{project}"), "projects-proposal-approved"))
}

pub(crate) async fn confirm(
    State(projects): State<Projects>,
    Signed(caller): Signed,
    Path(project): Path<ProjectId>,
    OnceKey(once): OnceKey,
    ctx: Ctx,
) -> web::Result<Response> {
    projects.db.write_once(&caller, once, move |tx| confirm_membership(tx, project).boxed()).await?;
    Ok(ctx.redirect_toast(&format!("/projects/{project}"), "projects-saved"))
}

pub(crate) async fn decline(
    State(projects): State<Projects>,
    Signed(caller): Signed,
    Path(project): Path<ProjectId>,
    OnceKey(once): OnceKey,
    ctx: Ctx,
) -> web::Result<Response> {
    projects.db.write_once(&caller, once, move |tx| decline_membership(tx, project).boxed()).await?;
    // The project is no longer theirs to see.
    Ok(ctx.redirect_toast("/", "projects-membership-declined"))
}

/// Returns the usual way of a project, and where on it this one is.
fn way(ctx: &Ctx, state: Life) -> Vec<Step> {
    const WAY: [Life; 6] =
        [Life::Proposed, Life::Approved, Life::Active, Life::Submitted, Life::Defended, Life::Released];
    let here = match state {
        Life::Draft | Life::Proposed | Life::ChangesRequested | Life::Rejected => 0,
        Life::Approved => 1,
        Life::Active | Life::Suspended | Life::Lapsed | Life::Withdrawn | Life::Failed => 2,
        Life::Submitted | Life::Admitted | Life::DefenceScheduled => 3,
        Life::Defended | Life::Corrections | Life::CorrectionsReview | Life::Marking | Life::Marked => 4,
        Life::Moderated | Life::Ratified | Life::Released | Life::Archived | Life::Anonymised => 5,
    };
    let place = |index: usize| match index.cmp(&here) {
        std::cmp::Ordering::Less => StepState::Done,
        std::cmp::Ordering::Equal => StepState::Current,
        std::cmp::Ordering::Greater => StepState::Ahead,
    };
    let step = |(index, state): (usize, &Life)| Step {
        label: ctx.tv("projects-way", state.word()),
        state: place(index),
        note: None,
    };
    WAY.iter().enumerate().map(step).collect()
}

fn asked(ctx: &Ctx, view: &ProjectView) -> Option<Asked> {
    let last = view.changes.last()?;
    Some(Asked { version: last.version, at: last.asked_at, changes: changes_in(ctx, view, last.version) })
}

fn version(ctx: &Ctx, view: &ProjectView, proposal: &Proposal) -> Version {
    Version { changes: changes_in(ctx, view, proposal.version), proposal: proposal.clone() }
}

fn changes_in(ctx: &Ctx, view: &ProjectView, version: u32) -> Vec<ChangeRow> {
    view.changes_in(version).map(|change| change_row(ctx, change)).collect()
}

fn blocked(ctx: &Ctx, view: &ProjectView) -> Vec<Blocked> {
    // A step that was taken already waits for nothing, and one that nobody can take yet is nothing to wait for.
    let ahead = view.options.iter().filter(|choice| {
        let taken = choice.missing.contains(&Guard::EndorsementWanted);
        !choice.action.is_exceptional() && !choice.missing.is_empty() && !taken && choice.is_fed()
    });
    let reason = |guard: &Guard| ctx.tv("projects-guard", guard.word());
    ahead
        .map(|choice| Blocked {
            action: ctx.tv("projects-action", choice.action.word()),
            missing: choice.missing.iter().map(reason).collect(),
        })
        .collect()
}

fn button(ctx: &Ctx, project: ProjectId, action: Action) -> Option<Button> {
    let (path, kind, posts, dialog) = match action {
        Action::Approve => ("approve", "primary", true, false),
        Action::RequestChanges => ("changes", "secondary", false, false),
        Action::Submit | Action::Resubmit => ("resubmit", "primary", false, false),
        Action::SubmitFinal => ("final", "primary", false, false),
        Action::Start | Action::Endorse | Action::Resume => (action.word(), "primary", false, true),
        Action::Reject | Action::Withdraw | Action::Fail => (action.word(), "danger", false, true),
        Action::Suspend | Action::Reopen | Action::NewAttempt | Action::Revert => {
            (action.word(), "secondary", false, true)
        }
        // What comes after the submission has pages of its own, with what it needs.
        _ => return None,
    };
    let href = if dialog { format!("/projects/{project}/steps/{path}") } else { format!("/projects/{project}/{path}") };
    Some(Button { label: ctx.tv("projects-action", action.word()), href, kind, posts, dialog })
}

fn milestone_row(ctx: &Ctx, milestone: &Milestone) -> MilestoneRow {
    MilestoneRow {
        href: format!("/milestones/{}", milestone.id),
        title: title(ctx, &milestone.title_en, &milestone.title_local),
        state: ctx.tv("projects-milestone-state", milestone.state.word()),
        tone: milestone_tone(milestone.state),
        due_at: milestone.due_at,
        mandatory: milestone.mandatory,
    }
}

fn file_row(ctx: &Ctx, view: &ProjectView, submission: &Submission) -> FileRow {
    let milestone = view.milestones.iter().find(|one| Some(one.id) == submission.milestone_id);
    let what = milestone
        .map_or_else(|| ctx.t("projects-final-work").to_owned(), |one| title(ctx, &one.title_en, &one.title_local));
    FileRow {
        receipt_href: format!("/receipts/{}", submission.id),
        file_href: format!("/submissions/{}/file", submission.id),
        name: submission.file_name.clone(),
        what,
        version: submission.version,
        short_sha256: crypto::digest::hex(submission.sha256.get(..6).unwrap_or_default()),
        sha256: crypto::digest::hex(&submission.sha256),
        late: submission.late,
        by: submission.submitted_by_name.clone(),
        at: submission.submitted_at,
    }
}

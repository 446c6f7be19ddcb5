//! Submit the proposal of a draft: a further attempt's, whose text is taken over from the one before.

use contracts::events::projects::ProposalSubmitted;
use storage::Tx;

use super::case::{Case, Moved, by_and_when, person};
use crate::{
    error::{Error, Result},
    model::{
        cycle::Policy,
        facts::Guard,
        ids::ProjectId,
        life::Action,
        proposal::{self, Text, VERSIONS_MAX},
    },
    policy,
    store::{projects, proposals},
};

#[derive(Debug, Clone)]
pub struct SubmitProposal {
    pub project: ProjectId,
    pub version: Option<i64>,
    pub title_en: String,
    pub title_local: String,
    pub summary: String,
    pub methods: String,
}

/// Submits the proposal of a project that is a draft.
pub async fn submit_proposal(tx: &mut Tx, command: SubmitProposal) -> Result<Moved> {
    let case = Case::load(tx, command.project, &policy::SUBMIT_PROPOSAL).await?;
    case.expect_version(command.version)?;
    let SubmitProposal { title_en, title_local, summary, methods, .. } = &command;
    let text = complete(&case.cycle.policy, title_en, title_local, summary, methods)?;
    let facts = case.facts(tx).await?.with(Guard::ProposalComplete, true);
    let moved = case.take(tx, Action::Submit, &facts, "").await?;
    keep_text(tx, &case, &text).await?;
    let (by, happened_at) = by_and_when(tx);
    let version = case.project.proposal_version + 1;
    messaging::emit(tx, &ProposalSubmitted { card: case.card(), by, happened_at, version }).await?;
    Ok(moved)
}

/// Returns the text of a proposal when nothing is wrong with it and nothing lacks that the policy asks for.
pub(super) fn complete(
    policy: &Policy,
    title_en: &str,
    title_local: &str,
    summary: &str,
    methods: &str,
) -> Result<Text> {
    let missing = proposal::missing(policy, summary, methods);
    match Text::new(title_en, title_local, summary, methods) {
        Ok(text) if missing.is_empty() => Ok(text),
        Ok(_) => Err(missing.into()),
        Err(mut faults) => {
            let further = missing.into_iter().filter(|one| faults.iter().all(|fault| fault.field != one.field));
            faults.extend(further.collect::<Vec<_>>());
            Err(faults.into())
        }
    }
}

/// Keeps a further version of the proposal beside the older ones, and shows its titles as the project's.
pub(super) async fn keep_text(tx: &mut Tx, case: &Case, text: &Text) -> Result<()> {
    let version = case.project.proposal_version + 1;
    if version > VERSIONS_MAX {
        return Err(Error::field("proposal", "too_many_versions"));
    }
    let by = person(tx)?;
    proposals::insert(tx, case.project.id, version, text, by).await?;
    projects::set_proposal(tx, case.project.id, (&text.title_en, &text.title_local), version).await?;
    Ok(())
}

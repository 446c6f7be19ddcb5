//! Create a programme.

use base::text;
use serde_json::json;
use storage::Tx;

use super::{record, relations, tell_programmes::tell_programmes};
use crate::{
    error::{Error, Result, both},
    model::{ids::ProgrammeId, topic},
    policy,
    store::programmes::{self, Programme},
};

/// Most characters of a programme's code.
pub const CODE_CHARS_MAX: usize = 20;

#[derive(Debug, Clone)]
pub struct CreateProgramme {
    pub code: String,
    pub title_en: String,
    pub title_local: String,
}

/// Creates a programme; its code is unique.
pub async fn create_programme(tx: &mut Tx, command: CreateProgramme) -> Result<ProgrammeId> {
    access::require(&policy::CREATE_PROGRAMME, relations::to_university(tx), tx.caller())?;
    let told = |field: &str, checked: std::result::Result<String, text::Refused>| -> Result<String> {
        checked.map_err(|refused| Error::field(field, refused.reason()))
    };
    let code = told("code", text::line(&command.code, CODE_CHARS_MAX));
    let title_en = told("title_en", text::line(&command.title_en, topic::TITLE_CHARS_MAX));
    let title_local = told("title_local", topic::optional_line(&command.title_local));
    let ((code, title_en), title_local) = both(both(code, title_en), title_local)?;
    let programme = Programme { id: tx.id(), code, title_en, title_local };
    programmes::insert(tx, &programme).await.map_err(|error| taken(error, "code"))?;
    tell_programmes(tx).await?;
    record::write(tx, &policy::CREATE_PROGRAMME, ("programme", programme.id), &json!({})).await?;
    Ok(programme.id)
}

/// Turns a unique constraint's refusal into the field that broke it.
pub(super) fn taken(error: storage::Error, field: &str) -> Error {
    match error {
        storage::Error::Unique { .. } => Error::field(field, "taken"),
        error => error.into(),
    }
}

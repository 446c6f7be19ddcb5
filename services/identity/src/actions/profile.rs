//! Change one's own name and language.

use storage::Tx;

use crate::{
    actions::{authorize, people, people::PersonChange, signed_in},
    error::Result,
    policy,
};

/// Changes what the caller is called and which language they read. Family and given name are the university's to change.
pub async fn change_profile(tx: &mut Tx, name: String, language: String) -> Result<()> {
    authorize(tx, &policy::CHANGE_PROFILE, None)?;
    let id = signed_in(tx.caller())?.id;
    let change = PersonChange { name: Some(name), language: Some(language), ..PersonChange::default() };
    people::apply(tx, id, None, change).await.map(|_| ())
}

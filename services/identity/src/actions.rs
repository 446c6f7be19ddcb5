//! The verbs of identity.
//!
//! Owns what happens: load, authorize, decide, save, emit, record, in one transaction. Passwords are hashed between
//! transactions, never within one. Never renders, never reads a request.
//! Start reading at [`sign_in`], then [`people`].

pub mod identify;
pub mod memberships;
pub mod passwords;
pub mod people;
pub mod profile;
pub(crate) mod record;
pub mod sessions;
pub mod sign_in;
pub mod state;
pub mod tenants;
#[cfg(test)]
mod tests;
pub mod tokens;

use access::Action;
use base::{Caller, PersonId, caller::Person};
use contracts::roles::{SELF, VOCABULARY};
use storage::Tx;

use crate::error::{Error, Result};

/// Refuses unless the caller may do `action` in the whole university, or to themselves when it is about them.
fn authorize(tx: &Tx, action: &Action, about: Option<PersonId>) -> Result<()> {
    let held = VOCABULARY.held(tx.caller(), tx.now(), None);
    require(tx.caller(), action, held, about)
}

/// Like [`authorize`], for reading what every coordinator may read, whatever their unit.
fn authorize_anywhere(tx: &Tx, action: &Action, about: Option<PersonId>) -> Result<()> {
    let held = VOCABULARY.held_anywhere(tx.caller(), tx.now());
    require(tx.caller(), action, held, about)
}

fn require(caller: &Caller, action: &Action, held: access::Subjects, about: Option<PersonId>) -> Result<()> {
    let own = about.is_some() && about == caller.person_id();
    Ok(access::require(action, held.with_if(own, SELF), caller)?)
}

/// Returns the person who signed in; an API token does not do, because a stolen one must not make itself a successor.
fn signed_in(caller: &Caller) -> Result<&Person> {
    caller.as_person().filter(|person| person.scopes.is_none()).ok_or(Error::SessionNeeded)
}

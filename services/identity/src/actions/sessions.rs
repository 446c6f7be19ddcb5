//! List sessions and end them: one, the others, all.

use base::PersonId;
use contracts::ids::SessionId;
use storage::Tx;

use crate::{
    actions::{authorize, record, signed_in},
    error::{Error, Result},
    model::session::{Limits, Session},
    policy, store,
};

/// Lists the caller's live sessions.
pub async fn list_sessions(tx: &mut Tx, limits: Limits) -> Result<Vec<Session>> {
    authorize(tx, &policy::LIST_SESSIONS, None)?;
    let person = signed_in(tx.caller())?.id;
    let now = tx.now();
    let mut sessions = store::session::of_person(tx, person).await?;
    sessions.retain(|session| session.is_live(limits, now));
    Ok(sessions)
}

/// Ends one of the caller's sessions; that may be the one in use.
pub async fn end_session(tx: &mut Tx, id: SessionId) -> Result<()> {
    authorize(tx, &policy::END_SESSION, None)?;
    let person = signed_in(tx.caller())?.id;
    if !store::session::delete(tx, person, id).await? {
        return Err(Error::NotFound("session"));
    }
    record::with(tx, "identity.session.end", person, &serde_json::json!({ "session": id })).await
}

/// Ends the session in use. A caller without one is signed out already.
pub async fn sign_out(tx: &mut Tx) -> Result<()> {
    let Some(person) = tx.caller().as_person().filter(|person| person.scopes.is_none()) else { return Ok(()) };
    let (person, session) = (person.id, SessionId::from(person.credential));
    if store::session::delete(tx, person, session).await? {
        record::with(tx, "identity.session.end", person, &serde_json::json!({ "session": session })).await?;
    }
    Ok(())
}

/// Ends all of the caller's sessions.
pub async fn sign_out_everywhere(tx: &mut Tx) -> Result<()> {
    authorize(tx, &policy::END_SESSION, None)?;
    let person = signed_in(tx.caller())?.id;
    end_all(tx, person, None).await
}

/// Ends all sessions of another person.
pub async fn sign_out_person(tx: &mut Tx, person: PersonId) -> Result<()> {
    authorize(tx, &policy::SIGN_OUT_PERSON, None)?;
    store::person::find(tx, person).await?.ok_or(Error::NotFound("person"))?;
    end_all(tx, person, None).await
}

/// Ends a person's sessions, except one, and records how many.
pub(crate) async fn end_all(tx: &mut Tx, person: PersonId, except: Option<SessionId>) -> Result<()> {
    let ended = store::session::delete_others(tx, person, except).await?;
    if ended > 0 {
        record::with(tx, "identity.session.end", person, &serde_json::json!({ "count": ended })).await?;
    }
    Ok(())
}

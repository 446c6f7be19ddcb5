//! API tokens: list, make, revoke. A person's own only.

use base::{Caller, Once};
use contracts::ids::ApiTokenId;
use crypto::digest;
use futures_util::FutureExt;
use serde::{Deserialize, Serialize};
use storage::Tx;

use crate::{
    actions::state::Identity,
    actions::{authorize, record, signed_in},
    error::{Error, Result},
    model::{
        api_token::{ApiToken, NewApiToken, TOKENS_MAX},
        credential::Credential,
    },
    policy, store,
};

/// A token that was made, and the credential that is shown this once.
#[derive(Debug, Clone)]
pub struct Made {
    pub id: ApiTokenId,
    pub credential: Credential,
}

/// Lists the caller's tokens.
pub async fn list_tokens(tx: &mut Tx) -> Result<Vec<ApiToken>> {
    authorize(tx, &policy::LIST_TOKENS, None)?;
    let person = tx.caller().person_id().ok_or(Error::SessionNeeded)?;
    Ok(store::api_token::of_person(tx, person).await?)
}

/// Makes a token for the caller.
pub async fn create_token(identity: &Identity, caller: &Caller, once: Option<Once>, new: NewApiToken) -> Result<Made> {
    let credential = identity.credential(caller.tenant());
    let secret = credential.digest();
    let saved = identity.write(caller, once, move |tx| save(tx, new, secret).boxed()).await?;
    let id = saved.id;
    if saved.digest != digest::hex(&secret) {
        // A repetition of a request whose answer was lost: the same token, with a secret that is shown this time.
        identity.write(caller, None, move |tx| replace_secret(tx, id, secret).boxed()).await?;
    }
    Ok(Made { id, credential })
}

/// Revokes one of the caller's tokens.
pub async fn revoke_token(tx: &mut Tx, id: ApiTokenId) -> Result<()> {
    authorize(tx, &policy::REVOKE_TOKEN, None)?;
    let person = signed_in(tx.caller())?.id;
    if !store::api_token::delete(tx, person, id).await? {
        return Err(Error::NotFound("API token"));
    }
    record::with(tx, "identity.token.revoke", person, &serde_json::json!({ "token": id })).await
}

/// The answer that is kept for a repeated request: no secret is in it.
#[derive(Serialize, Deserialize)]
struct Saved {
    id: ApiTokenId,
    digest: String,
}

async fn save(tx: &mut Tx, new: NewApiToken, secret: [u8; 32]) -> Result<Saved> {
    authorize(tx, &policy::CREATE_TOKEN, None)?;
    let person = signed_in(tx.caller())?.id;
    if store::api_token::count(tx, person).await? >= TOKENS_MAX {
        return Err(Error::TooManyTokens);
    }
    let now = tx.now();
    let token = ApiToken {
        id: tx.id(),
        person,
        name: new.name,
        scopes: new.scopes,
        created_at: now,
        used_at: None,
        expires_at: now + new.life,
    };
    store::api_token::insert(tx, &token, &secret).await?;
    let detail = serde_json::json!({ "token": token.id, "scopes": token.scopes });
    record::with(tx, "identity.token.create", person, &detail).await?;
    Ok(Saved { id: token.id, digest: digest::hex(&secret) })
}

async fn replace_secret(tx: &mut Tx, id: ApiTokenId, secret: [u8; 32]) -> Result<()> {
    Ok(store::api_token::set_digest(tx, id, &secret).await?)
}

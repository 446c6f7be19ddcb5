//! API tokens: list, make, revoke. A person's own only.

use base::{Caller, Once, TenantId};
use contracts::ids::ApiTokenId;
use crypto::{OpaqueToken, SealKey, Secret, seal};
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

/// Makes a token for the caller; a repetition of the request gets the same one.
pub async fn create_token(identity: &Identity, caller: &Caller, once: Option<Once>, new: NewApiToken) -> Result<Made> {
    let tenant = caller.tenant();
    let key = identity.made_tokens();
    let saved = identity.write(caller, once, move |tx| save(tx, new, key).boxed()).await?;
    let context = made_context(tenant, saved.id);
    let text = identity.made_tokens().open(&context, &saved.sealed).map_err(broken)?;
    let credential = Credential::parse(text.expose()).ok_or_else(|| broken(seal::Error::Malformed))?;
    Ok(Made { id: saved.id, credential })
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

/// The answer that is kept for a repeated request, for as long as repetitions are known. This installation alone can
/// read the secret in it.
#[derive(Serialize, Deserialize)]
struct Saved {
    id: ApiTokenId,
    sealed: String,
}

async fn save(tx: &mut Tx, new: NewApiToken, key: SealKey) -> Result<Saved> {
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
    let credential = Credential { tenant: tx.tenant(), secret: OpaqueToken::generate(tx.ambient()) };
    store::api_token::insert(tx, &token, &credential.digest()).await?;
    let detail = serde_json::json!({ "token": token.id, "scopes": token.scopes });
    record::with(tx, "identity.token.create", person, &detail).await?;
    let secret = Secret::new(credential.expose());
    let sealed = key.seal(tx.ambient(), &made_context(tx.tenant(), token.id), &secret).map_err(broken)?;
    Ok(Saved { id: token.id, sealed })
}

fn made_context(tenant: TenantId, token: ApiTokenId) -> Vec<u8> {
    format!("{tenant}\0{token}").into_bytes()
}

fn broken(error: seal::Error) -> Error {
    Error::Broken(Box::new(error))
}

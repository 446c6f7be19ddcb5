//! Choose a password: the first by an invitation, another by a link from a mail, or by knowing the present one.

use base::{Caller, Once, PersonId, TenantId};
use contracts::{
    events::identity::{MailKind, MailRequested},
    ids::{MailId, SessionId},
    passes::mail_link_context,
};
use crypto::{OpaqueToken, SealKey, Secret, password::Verdict};
use futures_util::FutureExt;
use storage::Tx;

use crate::{
    actions::state::{Guess, Identity},
    actions::{authorize, people, record, sessions, signed_in},
    error::{Error, Result},
    model::{
        credential::Credential,
        email,
        link::{Link, Purpose},
        password_rules,
        person::{Person, Status},
        throttle,
    },
    policy, store,
};

/// Sends a link for a new password, if there is such a person. The answer is the same whether there is or not.
pub async fn request_reset(
    identity: &Identity,
    caller: &Caller,
    tenant: TenantId,
    once: Option<Once>,
    request: ResetRequest,
) -> Result<()> {
    let nobody = Caller::nobody(tenant, caller.request());
    let typed = email::normalise(&request.email).ok_or_else(|| Error::field("email", "email"))?;
    let guess = identity.guess("reset", tenant, &typed, &request.address);
    let links = identity.links();
    identity.write(&nobody, once, move |tx| send_reset(tx, links, typed, guess).boxed()).await
}

/// Who asks for a new password, and from where.
#[derive(Debug, Clone)]
pub struct ResetRequest {
    pub email: String,
    pub address: String,
}

/// Returns the link of a mail, if it is still good and for this purpose.
pub async fn find_link(identity: &Identity, caller: &Caller, token: &str, purpose: Purpose) -> Result<Link> {
    let credential = Credential::parse(token).ok_or(Error::LinkEnded)?;
    let nobody = known_tenant(identity, caller, credential.tenant)?;
    let digest = credential.digest();
    identity.read(&nobody, |tx| good_link(tx, digest, purpose).boxed()).await.map(|(link, _)| link)
}

/// Uses a link to choose a password, and says whose. Every session of the person ends.
pub async fn choose_password(
    identity: &Identity,
    caller: &Caller,
    once: Option<Once>,
    choice: Choice,
) -> Result<PersonId> {
    let Choice { token, purpose, password } = choice;
    let credential = Credential::parse(token.expose()).ok_or(Error::LinkEnded)?;
    let nobody = known_tenant(identity, caller, credential.tenant)?;
    let digest = credential.digest();
    let found = identity.read(&nobody, |tx| good_link(tx, digest, purpose).boxed()).await;
    let person = match found {
        Ok((_, person)) => person,
        // A repetition finds the link used up; the answer kept for its key says whether that was this very request.
        Err(Error::LinkEnded) if once.is_some() => {
            return identity.write(&nobody, once, |_| async { Err(Error::LinkEnded) }.boxed()).await;
        }
        Err(error) => return Err(error),
    };
    refuse_weak(&password, &person, "password")?;
    let hash = identity.passwords().hash(&password).await?;
    let account = identity.guess("sign-in", nobody.tenant(), person.email.as_deref().unwrap_or_default(), "").account;
    let choosing = Choosing { digest, purpose, hash, account };
    identity.write(&nobody, once, move |tx| save_chosen(tx, choosing).boxed()).await
}

/// A password chosen by a link.
#[derive(Debug, Clone)]
pub struct Choice {
    pub token: Secret,
    pub purpose: Purpose,
    pub password: Secret,
}

/// Changes the caller's password. Every other session ends.
pub async fn change_password(
    identity: &Identity,
    caller: &Caller,
    once: Option<Once>,
    present: Secret,
    chosen: Secret,
) -> Result<()> {
    let id = signed_in(caller)?.id;
    let tenant = caller.tenant();
    let guess = identity.guess("change", tenant, &id.to_string(), "");
    let known = identity.write(caller, None, move |tx| begin_change(tx, guess).boxed()).await?;
    match identity.passwords().verify(&present, known.as_deref()).await? {
        Verdict::Right { .. } => {}
        Verdict::Wrong => {
            identity
                .write(caller, None, move |tx| record::refused(tx, "identity.password.change", Some(id)).boxed())
                .await?;
            return Err(Error::field("present", "password_wrong"));
        }
    }
    let person = identity.read(caller, |tx| people::existing(tx, id).boxed()).await?;
    refuse_weak(&chosen, &person, "password")?;
    let hash = identity.passwords().hash(&chosen).await?;
    identity.write(caller, once, move |tx| save_changed(tx, hash, guess).boxed()).await
}

/// Returns the hash of a password that is good enough for a person with these names and this address.
pub async fn hash_chosen(identity: &Identity, password: &Secret, about: &[&str]) -> Result<String> {
    if let Some(reason) = password_rules::refuse(password.expose(), about) {
        return Err(Error::WeakPassword { field: "password", reason });
    }
    Ok(identity.passwords().hash(password).await?)
}

/// Gives somebody a password as the installation itself: no link is sent, and no old password is asked for.
pub async fn give_password(identity: &Identity, tenant: TenantId, person: PersonId, password: &Secret) -> Result<()> {
    let hash = hash_chosen(identity, password, &[]).await?;
    let caller = Caller::system(tenant, "identity.give_password", identity.ambient().id());
    identity.write(&caller, None, move |tx| save_given(tx, person, hash).boxed()).await
}

async fn save_given(tx: &mut Tx, id: PersonId, hash: String) -> Result<()> {
    authorize(tx, &policy::CHANGE_PERSON, Some(id))?;
    let person = people::existing(tx, id).await?;
    store::password::set(tx, id, &hash).await?;
    activate(tx, &person).await?;
    sessions::end_all(tx, id, None).await?;
    record::done(tx, "identity.password.change", id).await
}

/// Makes an invited person an active one.
async fn activate(tx: &mut Tx, person: &Person) -> Result<()> {
    if person.status == Status::Invited {
        store::person::set_status(tx, person.id, Status::Active).await?;
        let active = people::existing(tx, person.id).await?;
        people::tell(tx, &active).await?;
    }
    Ok(())
}

/// Makes a link and asks for the mail that brings it, sealed: what stays here is its digest.
pub(crate) async fn send_link(tx: &mut Tx, links: &SealKey, person: &Person, purpose: Purpose) -> Result<Secret> {
    let to_address = person.email.clone().ok_or_else(|| Error::field("email", "required"))?;
    let credential = Credential { tenant: tx.tenant(), secret: OpaqueToken::generate(tx.ambient()) };
    let until = tx.now() + purpose.life();
    store::link::replace(tx, person.id, purpose, &credential.digest(), until).await?;
    let link = Secret::new(format!("{}?token={}", purpose.path(), credential.expose()));
    let mail: MailId = tx.id();
    let sealed = links.seal(tx.ambient(), &mail_link_context(tx.tenant(), mail), &link);
    let mail = MailRequested {
        mail,
        person: person.id,
        kind: purpose.mail(),
        to_address,
        to_name: person.name.full.clone(),
        language: person.language.clone(),
        link: String::new(),
        sealed_link: Some(sealed.map_err(|error| Error::Broken(Box::new(error)))?),
        link_until: Some(until),
        requested_at: tx.now(),
    };
    messaging::emit(tx, &mail).await?;
    Ok(link)
}

fn known_tenant(identity: &Identity, caller: &Caller, tenant: TenantId) -> Result<Caller> {
    let known = identity.db().directory().tenant(tenant).ok_or(Error::LinkEnded)?;
    Ok(Caller::nobody(known.id, caller.request()))
}

fn refuse_weak(password: &Secret, person: &Person, field: &'static str) -> Result<()> {
    let about = [&person.name.full, &person.name.family, &person.name.given].map(String::as_str);
    let email = person.email.as_deref().unwrap_or_default();
    let [full, family, given] = about;
    match password_rules::refuse(password.expose(), &[full, family, given, email]) {
        Some(reason) => Err(Error::WeakPassword { field, reason }),
        None => Ok(()),
    }
}

async fn send_reset(tx: &mut Tx, links: SealKey, email: String, guess: Guess) -> Result<()> {
    for (subject, limit) in [(guess.account, throttle::ACCOUNT), (guess.address, throttle::ADDRESS)] {
        if let Some(until) = store::attempt::locked_until(tx, &subject).await? {
            return Err(Error::TooManyAttempts { wait_seconds: until.since(tx.now()).as_secs() + 1 });
        }
        store::attempt::count(tx, &subject, limit).await?;
    }
    match store::person::find_by_email(tx, &email).await?.filter(|person| person.status != Status::Disabled) {
        Some(person) => {
            send_link(tx, &links, &person, Purpose::PasswordReset).await?;
            record::done(tx, "identity.password.reset", person.id).await
        }
        None => record::refused(tx, "identity.password.reset", None).await,
    }
}

async fn good_link(tx: &mut Tx, digest: [u8; 32], purpose: Purpose) -> Result<(Link, Person)> {
    let link = store::link::find_good(tx, &digest).await?.filter(|link| link.purpose == purpose);
    let link = link.ok_or(Error::LinkEnded)?;
    let person = store::person::find(tx, link.person).await?;
    let person = person.filter(|person| person.status != Status::Disabled).ok_or(Error::LinkEnded)?;
    Ok((link, person))
}

/// A password that may be set by a link.
struct Choosing {
    digest: [u8; 32],
    purpose: Purpose,
    hash: String,
    account: [u8; 32],
}

async fn save_chosen(tx: &mut Tx, choosing: Choosing) -> Result<PersonId> {
    let (_, person) = good_link(tx, choosing.digest, choosing.purpose).await?;
    if !store::link::use_up(tx, &choosing.digest).await? {
        return Err(Error::LinkEnded);
    }
    store::password::set(tx, person.id, &choosing.hash).await?;
    store::attempt::clear(tx, &choosing.account).await?;
    activate(tx, &person).await?;
    sessions::end_all(tx, person.id, None).await?;
    password_changed(tx, &person).await?;
    Ok(person.id)
}

async fn begin_change(tx: &mut Tx, guess: Guess) -> Result<Option<String>> {
    authorize(tx, &policy::CHANGE_PASSWORD, None)?;
    let person = signed_in(tx.caller())?.id;
    if let Some(until) = store::attempt::locked_until(tx, &guess.account).await? {
        return Err(Error::TooManyAttempts { wait_seconds: until.since(tx.now()).as_secs() + 1 });
    }
    store::attempt::count(tx, &guess.account, throttle::ACCOUNT).await?;
    Ok(store::password::find(tx, person).await?)
}

async fn save_changed(tx: &mut Tx, hash: String, guess: Guess) -> Result<()> {
    let (id, session) = {
        let person = signed_in(tx.caller())?;
        (person.id, SessionId::from(person.credential))
    };
    store::attempt::clear(tx, &guess.account).await?;
    store::password::set(tx, id, &hash).await?;
    store::link::delete(tx, id, Purpose::PasswordReset).await?;
    sessions::end_all(tx, id, Some(session)).await?;
    let person = people::existing(tx, id).await?;
    password_changed(tx, &person).await
}

async fn password_changed(tx: &mut Tx, person: &Person) -> Result<()> {
    if let Some(to_address) = person.email.clone() {
        let mail = MailRequested {
            mail: tx.id::<MailId>(),
            person: person.id,
            kind: MailKind::PasswordChanged,
            to_address,
            to_name: person.name.full.clone(),
            language: person.language.clone(),
            link: "/password/forgot".to_owned(),
            sealed_link: None,
            link_until: None,
            requested_at: tx.now(),
        };
        messaging::emit(tx, &mail).await?;
    }
    record::done(tx, "identity.password.change", person.id).await
}

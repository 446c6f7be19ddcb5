//! Sends the mails that wait: claims each for a while, hands it over, notes how it ended.
//!
//! A sender that dies between handing over and noting leaves a claim that runs out; the mail is then handed over again, with the
//! same `Message-ID` and the same bytes.

use std::time::Duration;

use futures_util::{FutureExt, StreamExt, TryStreamExt, stream};
use jiff::tz::TimeZone;
use tracing::{error, info, warn};

use base::{Caller, TenantId, Timestamp};
use contracts::{ids::MailId, passes::mail_link_context};
use crypto::Secret;
use runtime::{OnError, Shutdown, TaskKind};
use storage::{Tenant, Tx};

use crate::{
    Error, Notifications, Result,
    model::letter::Addressee,
    store::{
        self,
        mail::{Claimed, End, Link},
        person::Reader,
    },
};

mod message;
pub mod transport;

use self::{
    message::{Recipient, message},
    transport::Parcel,
};

const SENDER: TaskKind = TaskKind::new("mail-sender", OnError::Stop);
const SWEEPER: TaskKind = TaskKind::new("notification-sweeper", OnError::Log).aborted();
const NAME: &str = "notifications.mail";

/// Mails taken at once, of each shard.
const BATCH_MAX: u32 = 100;
/// Mails handed over side by side.
const SIDE_BY_SIDE_MAX: usize = 8;
/// How long a claim holds.
const CLAIM: Duration = Duration::from_mins(2);
/// Attempts before a mail is given up.
const ATTEMPTS_MAX: u32 = 8;
/// Pause after the first failure; doubles with each.
const PAUSE_FIRST: Duration = Duration::from_secs(30);
/// How often the sender looks when nobody wakes it.
const POLL: Duration = Duration::from_secs(2);
/// How often what is old is removed.
const SWEEP_INTERVAL: Duration = Duration::from_hours(1);
/// How long it is remembered that a mail was sent.
const MAILS_KEPT: Duration = Duration::from_hours(24 * 90);
/// How long notifications are kept.
const NOTIFICATIONS_KEPT: Duration = Duration::from_hours(24 * 365);

/// Starts the sender, and the task that removes what is old.
pub fn start(notifications: &Notifications, shutdown: &Shutdown) {
    let (sender, end) = (notifications.clone(), shutdown.clone());
    shutdown.spawn(SENDER, async move { run(&sender, &end).await });
    let sweeper = notifications.clone();
    shutdown.spawn(SWEEPER, async move { sweep_for_ever(&sweeper).await });
}

async fn run(notifications: &Notifications, shutdown: &Shutdown) {
    while !shutdown.is_cancelled() {
        match send_due(notifications).await {
            Ok(0) => {}
            Ok(_) => continue,
            Err(error) => warn!(error = runtime::chain(&error), "mails could not be sent"),
        }
        tokio::select! {
            () = shutdown.cancelled() => return,
            // A little later: what was queued is about to be committed.
            () = notifications.mail_queued() => tokio::time::sleep(Duration::from_millis(20)).await,
            () = tokio::time::sleep(POLL) => {}
        }
    }
}

/// Sends every mail whose time has come, at most a batch from each shard; returns how many it tried.
pub async fn send_due(notifications: &Notifications) -> Result<usize> {
    let mut tried = 0;
    for shard in 0..notifications.db().shards() {
        let due = notifications.db().system_read(shard, NAME, |tx| store::mail::due(tx, BATCH_MAX).boxed()).await?;
        tried += due.len();
        stream::iter(due.into_iter().map(|(tenant, id)| send(notifications.clone(), tenant, id).boxed()))
            .buffer_unordered(SIDE_BY_SIDE_MAX)
            .try_collect::<()>()
            .await?;
    }
    Ok(tried)
}

async fn send(notifications: Notifications, tenant: TenantId, id: MailId) -> Result<()> {
    let db = notifications.db();
    let caller = Caller::system(tenant, NAME, db.ambient().id());
    let until = db.ambient().now() + CLAIM;
    let Some((mut claimed, reader)) = db.write(&caller, move |tx| claim(tx, id, until).boxed()).await? else {
        return Ok(());
    };
    let attempts = claimed.attempts;
    claimed.draft.language = claimed.draft.language.or_else(|| reader.as_ref().map(|reader| reader.language.clone()));
    let step = match recipient(&claimed, reader.as_ref()) {
        To::Nobody => Step::End(End::Skipped),
        To::Unknown => next(&notifications, attempts),
        To::Recipient(to) => match hand_over(&notifications, tenant, id, &claimed, &to).await {
            Ok(()) => Step::End(End::Sent),
            Err(error) => {
                warn!(mail.id = %id, mail.attempts = attempts, error = runtime::chain(&error), "mail was not handed over");
                next(&notifications, attempts)
            }
        },
    };
    if step == Step::End(End::Dead) {
        error!(mail.id = %id, mail.template = claimed.draft.template.name(), "mail given up");
    }
    db.write(&caller, move |tx| note(tx, id, step).boxed()).await
}

/// What is to be noted of a mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    End(End),
    Again(Timestamp),
}

/// Whom a mail is for.
enum To {
    Recipient(Recipient),
    /// Their card has not come yet.
    Unknown,
    /// They have no address or their account is disabled.
    Nobody,
}

async fn claim(tx: &mut Tx, id: MailId, until: Timestamp) -> Result<Option<(Claimed, Option<Reader>)>> {
    let Some(claimed) = store::mail::claim(tx, id, until).await? else { return Ok(None) };
    let reader = store::person::find(tx, claimed.draft.person).await?;
    Ok(Some((claimed, reader)))
}

async fn note(tx: &mut Tx, id: MailId, step: Step) -> Result<()> {
    match step {
        Step::End(end) => store::mail::end(tx, id, end).await?,
        Step::Again(due_at) => store::mail::postpone(tx, id, due_at).await?,
    }
    Ok(())
}

fn next(notifications: &Notifications, attempts: u32) -> Step {
    if attempts >= ATTEMPTS_MAX {
        return Step::End(End::Dead);
    }
    let pause = PAUSE_FIRST.saturating_mul(1 << attempts.saturating_sub(1).min(10));
    Step::Again(notifications.db().ambient().now() + pause)
}

fn recipient(claimed: &Claimed, reader: Option<&Reader>) -> To {
    let draft = &claimed.draft;
    if let Some(address) = &draft.address {
        let name = draft.name.clone().unwrap_or_default();
        return To::Recipient(Recipient { name, address: address.clone() });
    }
    match reader {
        None => To::Unknown,
        Some(Reader { name, email: Some(address), reachable: true, .. }) => {
            To::Recipient(Recipient { name: name.clone(), address: address.clone() })
        }
        Some(_) => To::Nobody,
    }
}

async fn hand_over(
    notifications: &Notifications,
    tenant: TenantId,
    id: MailId,
    claimed: &Claimed,
    to: &Recipient,
) -> Result<()> {
    let link = opened(notifications, tenant, id, &claimed.draft.link)?;
    let directory = notifications.db().directory();
    let tenant = directory.tenant(tenant).ok_or_else(|| storage::Error::UnknownTenant(tenant.to_string()))?;
    let draft = &claimed.draft;
    let addressee = addressee(&tenant, to, draft.language.as_deref());
    let writer = notifications.writer();
    let letter = writer.letter(draft.template, &draft.arguments, link.expose(), &addressee);
    let bytes = message(id, notifications.sender(), to, &letter, claimed.created_at).map_err(Error::Unwritable)?;
    let parcel = Parcel { id, tenant: tenant.slug.clone(), bytes };
    notifications.transport().deliver(parcel).await.map_err(Error::Undelivered)
}

fn opened(notifications: &Notifications, tenant: TenantId, id: MailId, link: &Link) -> Result<Secret> {
    Ok(match link {
        Link::Plain(path) => Secret::from(path.as_str()),
        Link::Sealed(sealed) => notifications.links().open(&mail_link_context(tenant, id), sealed)?,
    })
}

fn addressee<'a>(tenant: &'a Tenant, to: &'a Recipient, language: Option<&'a str>) -> Addressee<'a> {
    let language = language.unwrap_or(&tenant.language);
    let zone = TimeZone::get(&tenant.zone).unwrap_or(TimeZone::UTC);
    Addressee { name: &to.name, language, zone, tenant_name: tenant.name_in(language) }
}

async fn sweep_for_ever(notifications: &Notifications) {
    loop {
        tokio::time::sleep(SWEEP_INTERVAL).await;
        match sweep(notifications).await {
            Ok(0) => {}
            Ok(count) => info!(count, "old notifications and mails removed"),
            Err(error) => warn!(error = runtime::chain(&error), "old notifications were not removed"),
        }
    }
}

/// Removes notifications and records of mails that are older than they are kept; returns how many.
pub async fn sweep(notifications: &Notifications) -> Result<u64> {
    let db = notifications.db();
    let now = db.ambient().now();
    let (notifications_before, mails_before) = (now.minus(NOTIFICATIONS_KEPT), now.minus(MAILS_KEPT));
    let mut swept = 0;
    for shard in 0..db.shards() {
        swept += db
            .system(shard, NAME, move |tx| {
                async move {
                    let swept = store::notification::sweep(tx, notifications_before).await?;
                    Ok::<_, Error>(swept + store::mail::sweep(tx, mails_before).await?)
                }
                .boxed()
            })
            .await?;
    }
    Ok(swept)
}

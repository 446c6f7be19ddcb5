//! Mails to be sent: a queue of which each mail is claimed for a while by one sender.

use base::{PersonId, TenantId, Timestamp};
use contracts::ids::MailId;
use storage::{Decode, Result, Row, Tx, params, statements};

use crate::model::{arguments::Arguments, template::Template};

statements! {
    /// Queues a mail unless it is there.
    QUEUE: write [mail] = "INSERT INTO mail (tenant_id, id, person, template, arguments, link, sealed_link, address, name, \
        language, state, attempts, due_at, created_at, ended_at) \
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 'waiting', 0, $11, $11, NULL) ON CONFLICT DO NOTHING";
    /// Lists the mails whose time has come.
    DUE: system [mail] = "SELECT tenant_id, id FROM mail WHERE state = 'waiting' AND due_at <= $1 ORDER BY due_at LIMIT $2";
    /// Claims a mail until a time, after which somebody else may.
    CLAIM: write [mail] = "UPDATE mail SET attempts = attempts + 1, due_at = $4 \
        WHERE tenant_id = $1 AND id = $2 AND state = 'waiting' AND due_at <= $3 \
        RETURNING person, template, arguments, link, sealed_link, address, name, language, attempts, created_at";
    /// Notes when to try again.
    POSTPONE: write [mail] = "UPDATE mail SET due_at = $3 WHERE tenant_id = $1 AND id = $2 AND state = 'waiting'";
    /// Notes how it ended, and forgets what it said: it may have held a link that signs in.
    END: write [mail] = "UPDATE mail SET state = $3, ended_at = $4, arguments = '{}', link = '', sealed_link = NULL, \
        address = NULL, name = NULL WHERE tenant_id = $1 AND id = $2";
    /// Counts mails by how they ended or that they wait.
    COUNT: scan [mail] = "SELECT state, COUNT(*) FROM mail WHERE tenant_id = $1 GROUP BY state ORDER BY state";
    /// Removes mails that ended long ago.
    SWEEP: system [mail] = "DELETE FROM mail WHERE state = $1 AND ended_at < $2";
}

/// Where a mail leads: a path of the product.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Link {
    /// Leads to what its reader may see anyway.
    Plain(String),
    /// Lets its bearer in; sealed for this mail.
    Sealed(String),
}

/// A mail to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Draft {
    pub(crate) person: PersonId,
    pub(crate) template: Template,
    pub(crate) arguments: Arguments,
    pub(crate) link: Link,
    /// To whom, when the event said so.
    pub(crate) address: Option<String>,
    pub(crate) name: Option<String>,
    pub(crate) language: Option<String>,
}

/// A mail claimed by this sender.
#[derive(Debug, Clone)]
pub(crate) struct Claimed {
    pub(crate) draft: Draft,
    pub(crate) attempts: u32,
    pub(crate) created_at: Timestamp,
}

/// How a mail ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    Sent,
    /// The person has no address, or their account is disabled.
    Skipped,
    Dead,
}

impl End {
    pub(crate) const ALL: [Self; 3] = [Self::Sent, Self::Skipped, Self::Dead];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::Skipped => "skipped",
            Self::Dead => "dead",
        }
    }
}

impl Decode for Claimed {
    fn decode(row: &mut Row<'_>) -> Result<Self> {
        let (person, template) = (row.take()?, row.parse()?);
        let arguments = Arguments::from_json(&row.take::<String>()?);
        let (plain, sealed) = (row.take()?, row.take::<Option<String>>()?);
        let link = sealed.map_or(Link::Plain(plain), Link::Sealed);
        let (address, name, language) = (row.take()?, row.take()?, row.take()?);
        let draft = Draft { person, template, arguments, link, address, name, language };
        Ok(Self { draft, attempts: row.take()?, created_at: row.take()? })
    }
}

pub(crate) async fn queue(tx: &mut Tx, id: MailId, draft: &Draft) -> Result<()> {
    let (now, arguments) = (tx.now(), draft.arguments.to_json());
    let (address, name, language) = (draft.address.as_deref(), draft.name.as_deref(), draft.language.as_deref());
    let template = draft.template.name();
    let (plain, sealed) = match &draft.link {
        Link::Plain(path) => (path.as_str(), None),
        Link::Sealed(sealed) => ("", Some(sealed.as_str())),
    };
    let values = params![id, draft.person, template, &arguments, plain, sealed, address, name, language, now];
    tx.execute(&QUEUE, values).await?;
    Ok(())
}

pub(crate) async fn due(tx: &mut Tx, limit: u32) -> Result<Vec<(TenantId, MailId)>> {
    let now = tx.now();
    tx.fetch(&DUE, params![now, limit]).await
}

pub(crate) async fn claim(tx: &mut Tx, id: MailId, until: Timestamp) -> Result<Option<Claimed>> {
    let now = tx.now();
    tx.fetch_optional(&CLAIM, params![id, now, until]).await
}

pub(crate) async fn postpone(tx: &mut Tx, id: MailId, due_at: Timestamp) -> Result<()> {
    tx.execute(&POSTPONE, params![id, due_at]).await?;
    Ok(())
}

pub(crate) async fn end(tx: &mut Tx, id: MailId, end: End) -> Result<()> {
    let now = tx.now();
    tx.execute(&END, params![id, end.name(), now]).await?;
    Ok(())
}

pub(crate) async fn count(tx: &mut Tx) -> Result<Vec<(String, i64)>> {
    tx.fetch(&COUNT, params![]).await
}

pub(crate) async fn sweep(tx: &mut Tx, before: Timestamp) -> Result<u64> {
    let mut swept = 0;
    for end in End::ALL {
        swept += tx.execute(&SWEEP, params![end.name(), before]).await?;
    }
    Ok(swept)
}

//! The table of records: one way in, and ways to read.

use uuid::Uuid;

use base::{Id, Page, PageRequest, Timestamp, caller::Who};
use storage::{Decode, Row, Tx, params, statements};

use crate::{ActorKind, Entry, Filter, Record, RecordId};

statements! {
    /// Adds a record.
    INSERT: write [audit_record] = "INSERT INTO audit_record (tenant_id, id, happened_at, request, actor_kind, actor, action, \
        object_kind, object, outcome, detail) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
    /// Lists records, newest first.
    LIST: read [audit_record] = "SELECT id, happened_at, request, actor_kind, actor, action, object_kind, object, outcome, detail \
        FROM audit_record WHERE tenant_id = $1 AND (happened_at, id) < ($2, $3) AND happened_at >= $4 \
        AND SUBSTR(action, 1, LENGTH(CAST($5 AS TEXT))) = $5 ORDER BY happened_at DESC, id DESC LIMIT $6";
    /// Lists what one actor did, newest first.
    OF_ACTOR: read [audit_record] = "SELECT id, happened_at, request, actor_kind, actor, action, object_kind, object, outcome, detail \
        FROM audit_record WHERE tenant_id = $1 AND actor = $7 AND (happened_at, id) < ($2, $3) AND happened_at >= $4 \
        AND SUBSTR(action, 1, LENGTH(CAST($5 AS TEXT))) = $5 ORDER BY happened_at DESC, id DESC LIMIT $6";
    /// Lists what was done to one object, newest first; by one actor or by all.
    OF_OBJECT: read [audit_record] = "SELECT id, happened_at, request, actor_kind, actor, action, object_kind, object, outcome, detail \
        FROM audit_record WHERE tenant_id = $1 AND object_kind = $7 AND object = $8 AND (happened_at, id) < ($2, $3) AND happened_at >= $4 \
        AND SUBSTR(action, 1, LENGTH(CAST($5 AS TEXT))) = $5 AND (actor = $9 OR $9 IS NULL) ORDER BY happened_at DESC, id DESC LIMIT $6";
}

pub(crate) async fn insert(tx: &mut Tx, entry: &Entry) -> storage::Result<()> {
    let (kind, actor) = match tx.caller().who() {
        Who::Person(person) => (ActorKind::Person, person.id.to_string()),
        Who::Nobody => (ActorKind::Nobody, String::new()),
        Who::System(name) => (ActorKind::System, (*name).to_owned()),
    };
    let (id, now, request): (RecordId, _, _) = (tx.id(), tx.now(), tx.caller().request());
    let outcome = entry.outcome.as_str();
    let (object, detail) = (&entry.object, &entry.detail);
    let values =
        params![id, now, request, kind.as_str(), &actor, entry.action, entry.object_kind, object, outcome, detail];
    tx.execute(&INSERT, values).await?;
    Ok(())
}

pub(crate) async fn list(tx: &mut Tx, filter: &Filter, request: &PageRequest) -> storage::Result<Page<Record>> {
    let first = (filter.until.unwrap_or(Timestamp::MAX), Uuid::nil());
    let (before, id) = request.after.as_deref().and_then(parse).map_or(first, |after| after.min(first));
    let from = filter.from.unwrap_or(Timestamp::EPOCH);
    let actor = filter.person.map(|person| person.to_string());
    let (action, fetch) = (&filter.action, request.fetch());
    let rows = match (&filter.object, &actor) {
        (Some((kind, object)), actor) => {
            let values = params![before, id, from, action, fetch, kind, object, actor.as_deref()];
            tx.fetch(&OF_OBJECT, values).await?
        }
        (None, Some(actor)) => tx.fetch(&OF_ACTOR, params![before, id, from, action, fetch, actor]).await?,
        (None, None) => tx.fetch(&LIST, params![before, id, from, action, fetch]).await?,
    };
    Ok(Page::cut(rows, request, |last: &Record| format!("{}.{}", last.happened_at.as_micros(), last.id.uuid())))
}

fn parse(after: &str) -> Option<(Timestamp, Uuid)> {
    let (micros, id) = after.split_once('.')?;
    Some((Timestamp::from_micros(micros.parse().ok()?), id.parse().ok()?))
}

impl Decode for Record {
    fn decode(row: &mut Row<'_>) -> storage::Result<Self> {
        Ok(Self {
            id: row.take()?,
            happened_at: row.take()?,
            request: row.take()?,
            actor_kind: row.parse()?,
            actor: row.take()?,
            action: row.take()?,
            object_kind: row.take()?,
            object: row.take()?,
            outcome: row.parse()?,
            detail: row.take()?,
        })
    }
}

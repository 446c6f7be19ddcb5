//! One of each thing that a path can name: found in what the demo made, or added.

use std::collections::BTreeMap;

use base::{Caller, Id, PersonId, RequestId, TenantId};
use futures_util::FutureExt;
use storage::{Database, Statement, Value, statements};
use testkit::App;
use uuid::Uuid;

statements! {
    MEMBERSHIP: read [membership] = "SELECT id FROM membership WHERE tenant_id = $1 AND person_id = $2 ORDER BY id LIMIT 1";
    SESSION: read [session] = "SELECT id FROM session WHERE tenant_id = $1 AND person_id = $2 ORDER BY id LIMIT 1";
    TOKEN: read [api_token] = "SELECT id FROM api_token WHERE tenant_id = $1 AND person_id = $2 ORDER BY id LIMIT 1";
    CYCLE: scan [cycle] = "SELECT id FROM cycle WHERE tenant_id = $1 ORDER BY id LIMIT 1";
    PROGRAMME: scan [programme] = "SELECT id FROM programme WHERE tenant_id = $1 ORDER BY id LIMIT 1";
    TEMPLATE: scan [milestone_template] = "SELECT id FROM milestone_template WHERE tenant_id = $1 ORDER BY id LIMIT 1";
    TOPIC: scan [topic] = "SELECT id FROM topic WHERE tenant_id = $1 ORDER BY id LIMIT 1";
    SUPERVISOR: scan [supervisor] = "SELECT person_id FROM supervisor WHERE tenant_id = $1 ORDER BY person_id LIMIT 1";
    PROJECT: scan [milestone] = "SELECT project_id FROM milestone WHERE tenant_id = $1 ORDER BY id LIMIT 1";
    MILESTONE: scan [milestone] = "SELECT id FROM milestone WHERE tenant_id = $1 ORDER BY id LIMIT 1";
    SUBMISSION: scan [submission] = "SELECT id FROM submission WHERE tenant_id = $1 ORDER BY id LIMIT 1";
    ADD_IMPORT: write [import_run] = "INSERT INTO import_run (tenant_id, id, mode, state, rows_total, rows_done, rows_refused, \
        refusals, started_at) VALUES ($1, $2, 'good_rows', 'staged', 0, 0, 0, '[]', $3)";
    ADD_FILE: write [stored_file] = "INSERT INTO stored_file (tenant_id, id, state, name, media_type, size_bytes, sha256, \
        uploaded_by, created_at) VALUES ($1, $2, 'stored', 'thesis.pdf', 'application/pdf', 3, $3, $4, $5)";
    ADD_NOTIFICATION: write [notification] = "INSERT INTO notification (tenant_id, id, person, kind, arguments, link, created_at) \
        VALUES ($1, $2, $3, 'proposal-approved', '{}', '/', $4)";
    ADD_MAIL: write [mail] = "INSERT INTO mail (tenant_id, id, person, template, arguments, link, state, attempts, due_at, \
        created_at) VALUES ($1, $2, $3, 'proposal-approved', '{}', '/', 'sent', 1, $4, $4)";
}

/// What a person has.
static OWNED: [(&str, &Statement); 3] = [("membership", &MEMBERSHIP), ("session", &SESSION), ("token", &TOKEN)];

/// What a faculty has.
static KEPT: [(&str, &Statement); 8] = [
    ("cycle", &CYCLE),
    ("programme", &PROGRAMME),
    ("template", &TEMPLATE),
    ("topic", &TOPIC),
    ("supervisor", &SUPERVISOR),
    ("project", &PROJECT),
    ("milestone", &MILESTONE),
    ("submission", &SUBMISSION),
];

/// Returns the ids of one of each, by the name of the path's parameter; what people have is the resident's.
pub(super) async fn of(app: &App, tenant: TenantId, resident: PersonId) -> BTreeMap<&'static str, String> {
    let database = async |name, schema| app.parts.database(name, schema).await.unwrap();
    let identity = database("identity", identity::SCHEMA).await;
    let projects = database("projects", projects::schema()).await;
    let mut ids = BTreeMap::from([("person", resident.uuid())]);
    for (name, statement) in OWNED {
        ids.insert(name, find(&identity, tenant, statement, vec![resident.into()]).await);
    }
    for (name, statement) in KEPT {
        ids.insert(name, find(&projects, tenant, statement, Vec::new()).await);
    }
    let files = database("files", files::SCHEMA).await;
    let notifications = database("notifications", notifications::SCHEMA).await;
    let now = app.parts.ambient.now();
    let id = || app.parts.ambient.id::<PersonId>().uuid();
    let [import, file, mail, notification] = [id(), id(), id(), id()];
    add(&projects, tenant, &ADD_IMPORT, vec![import.into(), now.into()]).await;
    let digest = Value::from(&[7_u8; 32][..]);
    add(&files, tenant, &ADD_FILE, vec![file.into(), digest, resident.into(), now.into()]).await;
    add(&notifications, tenant, &ADD_MAIL, vec![mail.into(), resident.into(), now.into()]).await;
    add(&notifications, tenant, &ADD_NOTIFICATION, vec![notification.into(), resident.into(), now.into()]).await;
    ids.extend([("import", import), ("file", file), ("mail", mail), ("notification", notification)]);
    ids.into_iter().map(|(name, id)| (name, id.to_string())).collect()
}

async fn find(
    database: &Database,
    tenant: TenantId,
    statement: &'static Statement,
    values: Vec<Value<'static>>,
) -> Uuid {
    let system = system(tenant);
    let read =
        database.read(&system, move |tx| async move { tx.fetch_one::<(Uuid,)>(statement, &values).await }.boxed());
    let found: Result<(Uuid,), storage::Error> = read.await;
    found.unwrap_or_else(|error| panic!("{statement:?}: {error:?}")).0
}

async fn add(database: &Database, tenant: TenantId, statement: &'static Statement, values: Vec<Value<'static>>) {
    let system = system(tenant);
    let written = database.write(&system, move |tx| async move { tx.execute(statement, &values).await }.boxed());
    let written: Result<u64, storage::Error> = written.await;
    assert_eq!(written.unwrap(), 1, "{statement:?}");
}

fn system(tenant: TenantId) -> Caller {
    Caller::system(tenant, "test", RequestId::from_u128(1))
}

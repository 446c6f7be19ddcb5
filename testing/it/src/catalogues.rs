//! Every statement of every service's database prepares on both engines, asks for its tenant, and walks no table.

use std::collections::BTreeSet;

use ::storage::{Database, Kind, Schema, Storage};
use testkit::{Installation, both_engines};

use crate::storage::plans::unexpected_scans;

/// What goes without a tenant (INV-2), and the loop of the machine that it belongs to. A new row needs a reason as good.
const WITHOUT_TENANT: &[(&str, &str)] = &[
    ("storage::database::OWN_BUCKET", "opening a shard"),
    ("storage::once::FORGET", "the sweep of old answers"),
    ("storage::sqlite::session::BUCKET_EPOCH", "the epoch under every write"),
    ("messaging::outbox::WAITING", "the outbox relay"),
    ("messaging::outbox::FORGET", "the outbox relay"),
    ("messaging::outbox::DEPTH", "the outbox's gauge"),
    ("messaging::consumer::inbox::DUE", "the consumers"),
    ("messaging::consumer::inbox::COUNT_PARKED", "the consumers' gauge"),
    ("messaging::consumer::inbox::SWEEP", "the sweep of the inbox"),
    ("messaging::consumer::inbox::SWEEP_DEAD", "the sweep of the inbox"),
    ("messaging::consumer::inbox::FORGET_SINCE", "replaying a consumer"),
    ("messaging::dead_letters::COUNT", "the consumers' gauge"),
    ("messaging::dead_letters::COUNT_OF", "counting for an operator"),
    ("messaging::bus::journal::TAKE_SEQUENCES", "the journal"),
    ("messaging::bus::journal::APPEND", "the journal"),
    ("messaging::bus::journal::CURSOR", "the journal"),
    ("messaging::bus::journal::READ", "the journal"),
    ("messaging::bus::journal::ADVANCE", "the journal"),
    ("messaging::bus::journal::FIRST_FROM", "the journal"),
    ("messaging::bus::journal::REWIND", "the journal"),
    ("messaging::bus::journal::BEHIND", "the journal's gauge"),
    ("messaging::bus::journal::SWEEP", "the sweep of the journal"),
    ("identity::store::ended::SESSIONS", "the sweep of what has ended"),
    ("identity::store::ended::TOKENS", "the sweep of what has ended"),
    ("identity::store::ended::LINKS", "the sweep of what has ended"),
    ("identity::store::ended::ATTEMPTS", "the sweep of what has ended"),
    ("files::store::files::LEFT_BEHIND", "the sweep of uploads that nobody finished"),
    ("files::store::files::CONDEMN", "the sweep of uploads that nobody finished"),
    ("files::store::files::FORGET", "the sweep of uploads that nobody finished"),
    ("notifications::store::notification::SWEEP", "the sweep of old notices"),
    ("notifications::store::mail::DUE", "the mailer"),
    ("notifications::store::mail::SWEEP", "the sweep of old mails"),
];

async fn databases(installation: &Installation) -> Vec<Database> {
    let storage = installation.storage().await;
    let own = |schema: Schema| vec![messaging::SCHEMA, audit::SCHEMA, schema];
    vec![
        open(&storage, "identity", own(identity::SCHEMA)).await,
        open(&storage, "projects", own(projects::schema())).await,
        open(&storage, "files", own(files::SCHEMA)).await,
        open(&storage, "notifications", own(notifications::SCHEMA)).await,
        open(&storage, "journal", vec![messaging::bus::journal::SCHEMA]).await,
    ]
}

async fn open(storage: &Storage, service: &'static str, schemas: Vec<Schema>) -> Database {
    storage.database(service, &schemas).await.unwrap_or_else(|error| panic!("{service}: {error:?}"))
}

/// Returns whether the statement finds or writes rows by the tenant that the transaction binds.
fn asks_for_its_tenant(sql: &str) -> bool {
    sql.contains("tenant_id = $1") || (sql.contains("INSERT INTO") && sql.contains("(tenant_id") && sql.contains("$1"))
}

/// Returns the tables that the text reads or writes, without those that it makes itself.
fn tables(sql: &str) -> BTreeSet<&str> {
    let words: Vec<&str> =
        sql.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').filter(|word| !word.is_empty()).collect();
    let made: BTreeSet<&str> = words.windows(2).filter(|pair| pair[1] == "AS").map(|pair| pair[0]).collect();
    let after =
        |pair: &&[&str]| matches!(pair[0], "FROM" | "JOIN" | "INTO" | "UPDATE") && !matches!(pair[1], "SELECT" | "SET");
    words.windows(2).filter(after).map(|pair| pair[1]).filter(|table| !made.contains(table)).collect()
}

both_engines! {
    async fn no_statement_of_a_service_walks_a_table(installation: Installation) {
        let mut found = Vec::new();
        for database in databases(&installation).await {
            found.extend(unexpected_scans(&database).await);
        }
        assert!(found.is_empty(), "{} statements walk a table:\n\n{}", found.len(), found.join("\n\n"));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_but_loops_of_the_machine_goes_without_a_tenant() {
    let installation = Installation::on(testkit::Engine::Sqlite).await.expect("SQLite needs nothing");
    let (mut without, mut careless) = (Vec::new(), Vec::new());
    for database in databases(&installation).await {
        for statement in database.statements() {
            match statement.kind {
                Kind::System => without.push(statement.id),
                _ if asks_for_its_tenant(statement.sql) => {}
                _ => careless.push(statement.id),
            }
        }
    }
    without.sort_unstable();
    without.dedup();
    let mut listed: Vec<&str> = WITHOUT_TENANT.iter().map(|(id, _)| *id).collect();
    listed.sort_unstable();
    assert_eq!(without, listed);
    assert_eq!(careless, Vec::<&str>::new(), "these do not ask for their tenant");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_statement_names_the_tables_that_it_touches() {
    let installation = Installation::on(testkit::Engine::Sqlite).await.expect("SQLite needs nothing");
    let mut found = Vec::new();
    for database in databases(&installation).await {
        for statement in database.statements() {
            let named: BTreeSet<&str> = statement.tables.iter().copied().collect();
            if named != tables(statement.sql) {
                found.push(format!("{statement:?} names {named:?} and touches {:?}", tables(statement.sql)));
            }
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

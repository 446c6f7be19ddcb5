//! Migrations run once, in order, and are never changed.

use ::storage::Migration;
use testkit::{Engine, both_engines};

use super::*;

static CHANGED: &[Migration] =
    &[Migration { version: 1, name: "0001_ledger.sql", sql: "CREATE TABLE other (a BIGINT)" }];
static BROKEN: &[Migration] = &[Migration {
    version: 1,
    name: "0001_broken.sql",
    sql: "CREATE TABLE half (a BIGINT); CREATE TABLE half (a BIGINT)",
}];
static MENDED: &[Migration] = &[Migration { version: 1, name: "0001_mended.sql", sql: "CREATE TABLE half (a BIGINT)" }];

both_engines! {
    async fn a_second_start_applies_nothing(installation: Installation) {
        drop(open(&installation).await);
        let mut settings = installation.settings.clone();
        settings.migrate = false;
        let storage = ::storage::Storage::open(settings, installation.ambient.clone()).await.unwrap();
        storage.database("ledger", &[SCHEMA]).await.unwrap();
    }

    async fn pending_migrations_are_refused_when_told_not_to_migrate(installation: Installation) {
        drop(installation.storage().await);
        let mut settings = installation.settings.clone();
        settings.migrate = false;
        let storage = ::storage::Storage::open(settings, installation.ambient.clone()).await.unwrap();
        match storage.database("ledger", &[SCHEMA]).await.map(|_| ()) {
            Err(Error::Pending { count, database, shard }) => {
                assert_eq!((count, database.as_str(), shard.as_str()), (3, "ledger", "shard-0"));
            }
            other => panic!("{other:?}"),
        }
    }

    async fn looking_for_what_is_pending_makes_nothing(installation: Installation) {
        let mut settings = installation.settings.clone();
        settings.migrate = false;
        for _ in 0..2 {
            match ::storage::Storage::open(settings.clone(), installation.ambient.clone()).await.map(|_| ()) {
                Err(Error::Pending { count, database, .. }) => assert_eq!((count, database.as_str()), (1, "directory")),
                other => panic!("{other:?}"),
            }
        }
        match installation.engine {
            Engine::Sqlite => assert_eq!(std::fs::read_dir(&installation.folder).unwrap().count(), 0),
            Engine::Postgres => assert_eq!(installation.schemas().await, [""; 0]),
        }
    }

    async fn a_changed_migration_is_found_out(installation: Installation) {
        let (storage, _) = open(&installation).await;
        let schema = Schema { name: "ledger", migrations: CHANGED, statements: &[], versioned: &[] };
        let outcome = storage.database("ledger", &[schema]).await.map(|_| ());
        assert!(matches!(outcome, Err(Error::Migration { version: 1, .. })), "{outcome:?}");
    }

    async fn a_broken_migration_leaves_nothing_behind(installation: Installation) {
        let (storage, _) = open(&installation).await;
        let schema = |migrations| Schema { name: "half", migrations, statements: &[], versioned: &[] };
        assert!(storage.database("ledger", &[schema(BROKEN)]).await.is_err());
        storage.database("ledger", &[schema(MENDED)]).await.unwrap();
    }

    async fn two_nodes_may_start_together(installation: Installation) {
        let storage = installation.storage().await;
        let schemas = [SCHEMA];
        let starts = (0..4).map(|_| storage.database("ledger", &schemas));
        for started in futures_util::future::join_all(starts).await {
            started.unwrap();
        }
    }
}

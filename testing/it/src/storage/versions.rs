//! The version of a group of tables counts the units that wrote to it, each tenant's for itself.

use testkit::{both_engines, engine::tenant};

use super::*;

async fn version(database: &Database, tenant: TenantId) -> i64 {
    let read: Result<i64, Error> =
        database.read(&caller(tenant), |tx| async move { tx.version(&ENTRIES).await }.boxed()).await;
    read.unwrap()
}

async fn twice(tx: &mut ::storage::Tx, writer: i64) -> Result<u64, Error> {
    insert(tx, writer, 1).await?;
    insert(tx, writer, 2).await
}

both_engines! {
    async fn a_version_counts_what_was_kept_and_nothing_else(installation: Installation) {
        let (storage, database) = open(&installation).await;
        let (ours, theirs) = (tenant(&storage, "ours").await.id, tenant(&storage, "theirs").await.id);
        assert_eq!(version(&database, ours).await, 0);
        for sequence in [1, 2] {
            database.write(&caller(ours), move |tx| insert(tx, 1, sequence).boxed()).await.unwrap();
        }
        assert_eq!(version(&database, ours).await, 2);
        // The same sequence again: refused, and so is the unit.
        database.write(&caller(ours), |tx| insert(tx, 1, 2).boxed()).await.unwrap_err();
        assert_eq!(count(&database, ours, 1).await, 2);
        assert_eq!((version(&database, ours).await, version(&database, theirs).await), (2, 0));
    }

    async fn a_unit_counts_once_and_units_at_once_each(installation: Installation) {
        let (storage, database) = open(&installation).await;
        let tenant = tenant(&storage, "uni").await.id;
        let units = (0..24_i64).map(|writer| {
            let database = database.clone();
            async move {
                database.write(&caller(tenant), move |tx| twice(tx, writer).boxed()).await
            }
        });
        let outcomes = futures_util::future::join_all(units).await;
        assert!(outcomes.iter().all(Result::is_ok), "{outcomes:?}");
        assert_eq!(version(&database, tenant).await, 24);
    }
}

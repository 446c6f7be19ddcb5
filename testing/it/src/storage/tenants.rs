//! A tenant's rows are nobody else's, and live where the map says.

use testkit::{Engine, both_engines, engine::tenant};

use super::*;

both_engines! {
    async fn a_tenant_sees_only_its_own_rows(installation: Installation) {
        let (storage, database) = open(&installation).await;
        let (one, two) = (tenant(&storage, "one").await, tenant(&storage, "two").await);
        database.write(&caller(one.id), |tx| insert(tx, 1, 1).boxed()).await.unwrap();
        assert_eq!(count(&database, one.id, 1).await, 1);
        assert_eq!(count(&database, two.id, 1).await, 0);
    }

    async fn a_tenant_nobody_added_has_no_place(installation: Installation) {
        let (_, database) = open(&installation).await;
        let outcome = database.write(&caller(TenantId::from_u128(9)), |tx| insert(tx, 1, 1).boxed()).await;
        assert!(matches!(outcome, Err(Error::UnknownTenant(_))), "{outcome:?}");
    }

    async fn a_writer_with_an_old_map_is_refused(installation: Installation) {
        let (storage, database) = open(&installation).await;
        let tenant = tenant(&storage, "uni").await;
        let bucket = tenant.bucket;
        let moved: Result<u64, Error> =
            database.system(0, "mover", move |tx| async move { tx.execute(&MOVE_AWAY, params![bucket]).await }.boxed()).await;
        assert_eq!(moved.unwrap(), 1);
        let outcome = database.write(&caller(tenant.id), |tx| insert(tx, 1, 1).boxed()).await;
        assert!(matches!(outcome, Err(Error::StaleEpoch { epoch: 1 })), "{outcome:?}");
        assert_eq!(count(&database, tenant.id, 1).await, 0);
    }

    async fn two_tenants_may_not_share_a_short_name_or_a_domain(installation: Installation) {
        let (storage, _) = open(&installation).await;
        let first = tenant(&storage, "uni").await;
        let again = ::storage::NewTenant {
            slug: "uni".to_owned(),
            name: String::new(),
            name_local: String::new(),
            language: "en".to_owned(),
            zone: "UTC".to_owned(),
            domains: vec![],
        };
        let outcome = storage.directory().create(again).await;
        assert!(matches!(outcome, Err(Error::Unique { .. })), "{outcome:?}");
        assert_eq!(storage.directory().by_domain("uni.example").map(|tenant| tenant.id), Some(first.id));
        assert_eq!(storage.directory().tenants().len(), 1);
    }

    async fn another_node_hears_of_a_new_tenant(installation: Installation) {
        let (storage, _) = open(&installation).await;
        let other = installation.storage().await;
        let tenant = tenant(&storage, "uni").await;
        assert!(other.directory().tenant(tenant.id).is_none());
        other.directory().refresh_if_changed().await.unwrap();
        assert!(other.directory().tenant(tenant.id).is_some());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_postgres_the_second_fence_holds_when_a_statement_forgets_the_tenant() {
    let Some(installation) = Installation::on(Engine::Postgres).await else { return };
    let (storage, database) = open(&installation).await;
    let (one, two) = (tenant(&storage, "one").await, tenant(&storage, "two").await);
    database.write(&caller(one.id), |tx| insert(tx, 1, 1).boxed()).await.unwrap();
    let seen = async |tenant: TenantId| -> i64 {
        let row: Result<(i64,), Error> =
            database.read(&caller(tenant), |tx| async move { tx.fetch_one(&CARELESS, params![1]).await }.boxed()).await;
        row.unwrap().0
    };
    assert!(database.is_fenced(0).await.unwrap(), "the tests sign in as a role that row-level security does not bind");
    assert_eq!(seen(one.id).await, 1);
    assert_eq!(seen(two.id).await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tenants_spread_over_shards_of_both_kinds() {
    let Some(mut installation) = Installation::with_shards(Engine::Postgres, 2).await else { return };
    let file = ::storage::settings::Shard { name: "file".to_owned(), url: "sqlite:file".to_owned() };
    installation.settings.shards.push(file);
    let (storage, database) = open(&installation).await;
    let mut used = std::collections::HashSet::new();
    for n in 0..24 {
        let tenant = tenant(&storage, &format!("uni-{n}")).await;
        database.write(&caller(tenant.id), move |tx| insert(tx, n, 1).boxed()).await.unwrap();
        assert_eq!(count(&database, tenant.id, n).await, 1);
        used.insert(storage.directory().snapshot().map.owner(tenant.bucket).unwrap().shard);
    }
    assert!(used.len() > 1, "24 tenants fell on one shard of three");
}

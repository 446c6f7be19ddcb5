//! A repeated request has one effect (INV-8).

use base::Once;
use testkit::{both_engines, engine::tenant};

use super::*;

fn once(key: &str, fingerprint: u8) -> Once {
    Once { key: key.to_owned(), fingerprint: [fingerprint; 32] }
}

async fn add(
    database: &Database,
    tenant: TenantId,
    once: impl Into<Option<Once>>,
    sequence: i64,
) -> Result<String, Error> {
    database
        .write_once(&caller(tenant), once.into(), move |tx| {
            async move {
                insert(tx, 1, sequence).await?;
                Ok(format!("entry {sequence}"))
            }
            .boxed()
        })
        .await
}

both_engines! {
    async fn a_repeated_request_gets_the_first_answer(installation: Installation) {
        let (storage, database) = open(&installation).await;
        let tenant = tenant(&storage, "uni").await;
        assert_eq!(add(&database, tenant.id, once("k", 1), 1).await.unwrap(), "entry 1");
        // Were it to run again it would insert entry 2.
        assert_eq!(add(&database, tenant.id, once("k", 1), 2).await.unwrap(), "entry 1");
        assert_eq!(count(&database, tenant.id, 1).await, 1);
    }

    async fn a_key_is_not_reused_for_another_request(installation: Installation) {
        let (storage, database) = open(&installation).await;
        let tenant = tenant(&storage, "uni").await;
        add(&database, tenant.id, once("k", 1), 1).await.unwrap();
        assert!(matches!(add(&database, tenant.id, once("k", 2), 2).await, Err(Error::KeyReused)));
    }

    async fn a_failed_request_may_be_repeated(installation: Installation) {
        let (storage, database) = open(&installation).await;
        let tenant = tenant(&storage, "uni").await;
        add(&database, tenant.id, None, 1).await.unwrap();
        assert!(add(&database, tenant.id, once("k", 1), 1).await.is_err());
        assert_eq!(add(&database, tenant.id, once("k", 1), 2).await.unwrap(), "entry 2");
    }

    async fn sixteen_at_once_have_one_effect(installation: Installation) {
        let (storage, database) = open(&installation).await;
        let tenant = tenant(&storage, "uni").await;
        let requests = (0..16).map(|n| add(&database, tenant.id, once("k", 1), n));
        let answers: Vec<String> =
            futures_util::future::join_all(requests).await.into_iter().collect::<Result<_, _>>().unwrap();
        assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
        assert_eq!(count(&database, tenant.id, 1).await, 1);
    }

    async fn answers_are_forgotten_when_old(installation: Installation) {
        let (storage, database) = open(&installation).await;
        let tenant = tenant(&storage, "uni").await;
        add(&database, tenant.id, once("k", 1), 1).await.unwrap();
        installation.clock.advance(std::time::Duration::from_hours(25));
        assert_eq!(database.forget_answers(std::time::Duration::from_hours(24)).await.unwrap(), 1);
        assert_eq!(add(&database, tenant.id, once("k", 1), 2).await.unwrap(), "entry 2");
    }
}

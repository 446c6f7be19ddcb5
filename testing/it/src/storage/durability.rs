//! Concurrent writers lose nothing.

use testkit::{both_engines, engine::tenant};

use super::*;

both_engines! {
    async fn sixty_four_writers_lose_nothing(installation: Installation) {
        let (storage, database) = open(&installation).await;
        let tenant = tenant(&storage, "uni").await;
        let caller = caller(tenant.id);
        let writers = (0..64).map(|writer| {
            let (database, caller) = (database.clone(), caller.clone());
            async move {
                for sequence in 0..20 {
                    database.write(&caller, move |tx| insert(tx, writer, sequence).boxed()).await.unwrap();
                }
            }
        });
        futures_util::future::join_all(writers).await;
        for writer in 0..64 {
            assert_eq!(count(&database, tenant.id, writer).await, 20);
        }
    }
}

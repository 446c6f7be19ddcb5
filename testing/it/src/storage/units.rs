//! A unit of work is kept whole or not at all.

use testkit::{both_engines, engine::tenant};

use super::*;

type Entry = (EntryId, i64, Option<String>, f64, bool);

both_engines! {
    async fn a_write_reads_back(installation: Installation) {
        let (storage, database) = open(&installation).await;
        let tenant = tenant(&storage, "uni").await;
        database.write(&caller(tenant.id), |tx| insert(tx, 1, 7).boxed()).await.unwrap();
        let rows: Result<Vec<Entry>, Error> =
            database.read(&caller(tenant.id), |tx| async move { tx.fetch(&LIST, params![1]).await }.boxed()).await;
        let rows = rows.unwrap();
        assert_eq!(rows.len(), 1);
        assert_eq!((rows[0].1, rows[0].2.as_deref(), rows[0].3, rows[0].4), (7, Some("note 7"), 0.25, true));
    }

    async fn an_error_rolls_the_whole_unit_back(installation: Installation) {
        let (storage, database) = open(&installation).await;
        let tenant = tenant(&storage, "uni").await;
        let outcome: Result<(), Error> = database
            .write(&caller(tenant.id), |tx| {
                async move {
                    insert(tx, 1, 1).await?;
                    insert(tx, 1, 1).await?;
                    Ok(())
                }
                .boxed()
            })
            .await;
        match outcome {
            Err(Error::Unique { constraint }) => assert_eq!(constraint, "entry(writer,sequence)"),
            other => panic!("{other:?}"),
        }
        assert_eq!(count(&database, tenant.id, 1).await, 0);
    }

    async fn one_failing_unit_leaves_its_neighbours_alone(installation: Installation) {
        let (storage, database) = open(&installation).await;
        let tenant = tenant(&storage, "uni").await;
        let caller = caller(tenant.id);
        let units = (0..200).map(|n| {
            let (database, caller) = (database.clone(), caller.clone());
            async move {
                // Every fourth repeats the sequence of the one before it, and one of the two must fail.
                let sequence = if n % 4 == 3 { n - 1 } else { n };
                database.write(&caller, move |tx| insert(tx, 1, sequence).boxed()).await
            }
        });
        let outcomes = futures_util::future::join_all(units).await;
        assert_eq!(outcomes.iter().filter(|outcome| outcome.is_err()).count(), 50);
        assert_eq!(count(&database, tenant.id, 1).await, 150);
    }

    async fn a_reader_may_not_write(installation: Installation) {
        let (storage, database) = open(&installation).await;
        let tenant = tenant(&storage, "uni").await;
        let outcome = database.read(&caller(tenant.id), |tx| insert(tx, 1, 1).boxed()).await;
        assert!(matches!(outcome, Err(Error::Misuse(_))), "{outcome:?}");
    }

    async fn many_rows_go_in_at_once(installation: Installation) {
        let (storage, database) = open(&installation).await;
        let tenant = tenant(&storage, "uni").await;
        let inserted: Result<u64, Error> = database
            .write(&caller(tenant.id), |tx| {
                async move {
                    let rows: Vec<Vec<::storage::Value<'_>>> = (0..1_000_i64)
                        .map(|n| {
                            let id: EntryId = tx.id();
                            vec![id.into(), 1_i64.into(), n.into(), ::storage::Value::Null, 0.5.into(), false.into()]
                        })
                        .collect();
                    tx.execute_many(&INSERT, &rows).await
                }
                .boxed()
            })
            .await;
        assert_eq!(inserted.unwrap(), 1_000);
        assert_eq!(count(&database, tenant.id, 1).await, 1_000);
    }

    async fn a_cancelled_unit_leaves_no_transaction_open(installation: Installation) {
        let (storage, database) = open(&installation).await;
        let tenant = tenant(&storage, "uni").await;
        for n in 0..40 {
            let caller = caller(tenant.id);
            let unit = database.write(&caller, move |tx| insert(tx, 1, n).boxed());
            // Polled a few times and dropped: on PostgreSQL at some await of the unit, on SQLite after it was queued.
            let _ = futures_util::future::select(Box::pin(unit), Box::pin(tokio::task::yield_now())).await;
        }
        // With a transaction left open in the pool, this one would fail or wait for a lock.
        database.write(&caller(tenant.id), |tx| insert(tx, 2, 1).boxed()).await.unwrap();
        assert_eq!(count(&database, tenant.id, 2).await, 1);
    }
}

#[tokio::test]
async fn on_sqlite_a_unit_that_waits_for_something_else_is_refused() {
    let installation = Installation::on(testkit::Engine::Sqlite).await.unwrap();
    let (storage, database) = open(&installation).await;
    let tenant = tenant(&storage, "uni").await;
    let outcome: Result<(), Error> = database
        .write(&caller(tenant.id), |tx| {
            async move {
                insert(tx, 1, 1).await?;
                std::future::pending::<()>().await;
                Ok(())
            }
            .boxed()
        })
        .await;
    assert!(matches!(outcome, Err(Error::Misuse(_))), "{outcome:?}");
    assert_eq!(count(&database, tenant.id, 1).await, 0);
}

#[tokio::test]
async fn on_sqlite_the_writer_outlives_a_panicking_unit() {
    let installation = Installation::on(testkit::Engine::Sqlite).await.unwrap();
    let (storage, database) = open(&installation).await;
    let tenant = tenant(&storage, "uni").await;
    let outcome: Result<(), Error> = database
        .write(&caller(tenant.id), |_| async move { panic!("a unit of work went wrong, as this test wants") }.boxed())
        .await;
    assert!(matches!(outcome, Err(Error::Unavailable(_))), "{outcome:?}");
    database.write(&caller(tenant.id), |tx| insert(tx, 1, 1).boxed()).await.unwrap();
    assert_eq!(count(&database, tenant.id, 1).await, 1);
}

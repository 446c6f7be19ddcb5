//! Our own way: the outbox of a SQLite database, a bus, and a consumer whose inbox lies in another transaction.

use std::{path::Path, sync::Arc};

use anyhow::Result;
use base::Caller;
use futures_util::{FutureExt, future::BoxFuture};
use messaging::{Bus, Consumer, JetStream, Journal, Messaging};
use runtime::Shutdown;
use storage::{Database, Settings, Storage};

use super::{Carrier, Handled, NatsServer, Row, Sent, measure};
use crate::installation;

/// A service that emits.
struct Service {
    database: Database,
    caller: Caller,
}

impl Carrier for Service {
    fn send(&self, number: u64) -> BoxFuture<'_, Result<()>> {
        async move {
            let event = Sent::new(number, self.database.ambient().now());
            self.database.write(&self.caller, move |tx| emit(tx, event).boxed()).await?;
            Ok(())
        }
        .boxed()
    }
}

async fn emit(tx: &mut storage::Tx, event: Sent) -> storage::Result<()> {
    messaging::emit(tx, &event).await
}

/// Takes a new installation in `folder` through a round: by the journal, or by the server given.
pub(super) async fn round(folder: &Path, nats: Option<&NatsServer>, row: &mut Row) -> Result<()> {
    let shutdown = Shutdown::new();
    let storage = Storage::open(Settings::embedded(folder), installation::ambient()).await?;
    let tenant = storage.directory().create(installation::new_tenant()).await?;
    let database = storage.database("bench", &[messaging::SCHEMA]).await?;
    let bus: Arc<dyn Bus> = match nats {
        None => Arc::new(Journal::open(&storage).await?),
        Some(nats) => Arc::new(JetStream::connect(nats.settings(), &shutdown).await?),
    };
    let handled = Handled::default();
    Messaging::new(bus).with(database.clone(), vec![consumer(&database, &handled)]).start(&shutdown);
    let service = Service { database, caller: installation::caller(tenant.id) };
    let outcome = measure(&service, &handled, row).await;
    shutdown.begin();
    outcome
}

fn consumer(database: &Database, handled: &Handled) -> Consumer {
    let (ambient, handled) = (database.ambient().clone(), handled.clone());
    Consumer::new("bench.reader").on(move |_, event: Sent| {
        handled.add(event.sent_at, ambient.now());
        futures_util::future::ready(Ok::<_, storage::Error>(())).boxed()
    })
}

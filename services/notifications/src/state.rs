//! What notifications is made of.

use std::{fmt, sync::Arc};

use storage::Database;
use tokio::sync::Notify;

use crate::{Error, Result, Settings, letter::Writer, transport::Transport};

/// What the process hands to notifications.
pub struct Parts {
    /// Opened with [`schemas`](crate::schemas).
    pub db: Database,
    /// Where mails go: [`Folder`](crate::transport::Folder).
    pub transport: Arc<dyn Transport>,
    pub settings: Settings,
}

/// Notifications at work. Cloning is cheap.
#[derive(Clone)]
pub struct Notifications(Arc<Inner>);

struct Inner {
    db: Database,
    transport: Arc<dyn Transport>,
    writer: Writer,
    queued: Notify,
}

impl Notifications {
    /// Puts notifications together; fails when the sender's address in the settings is none.
    pub fn new(parts: Parts) -> Result<Self> {
        let Parts { db, transport, settings } = parts;
        let writer = Writer::new(&settings).map_err(Error::Unwritable)?;
        Ok(Self(Arc::new(Inner { db, transport, writer, queued: Notify::new() })))
    }

    pub(crate) fn db(&self) -> &Database {
        &self.0.db
    }

    pub(crate) fn transport(&self) -> &dyn Transport {
        &*self.0.transport
    }

    pub(crate) fn writer(&self) -> &Writer {
        &self.0.writer
    }

    /// Wakes the sender: a mail is about to be committed.
    pub(crate) fn wake_sender(&self) {
        self.0.queued.notify_one();
    }

    /// Waits until a mail may have been queued in this process.
    pub(crate) async fn mail_queued(&self) {
        self.0.queued.notified().await;
    }
}

impl fmt::Debug for Notifications {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Notifications")
    }
}

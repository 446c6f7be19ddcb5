//! The notifications service: what people are told, in the product and by mail.
//!
//! Owns notifications, mails and their texts. Never decides what happened: it learns that from events alone.
//! Start reading at [`model::kind`], then [`jobs`], then [`service`].

use std::{fmt, sync::Arc};

use contracts::passes::MAIL_LINK_PURPOSE;
use crypto::{Keyring, SealKey};
use lettre::{address::AddressError, message::Mailbox};
use storage::{Database, Schema, Statement};
use tokio::sync::Notify;

pub mod actions;
mod api;
mod error;
pub mod jobs;
pub mod model;
mod pages;
pub mod policy;
mod routes;
mod settings;
mod store;

use self::model::letter::Writer;
pub use self::{
    error::{CODES, Error, Result},
    jobs::{
        consumers,
        send_mails::transport::{Folder, Transport},
    },
    policy::POLICY,
    routes::{SITE, openapi, service},
    settings::Settings,
};

/// The tables of this service.
pub static SCHEMA: Schema =
    storage::schema!("notifications", ["0001_first.sql", "0002_sealed_links.sql"]).with_statements(store::CATALOGUE);

/// Every statement of this service, a list per file.
pub static STATEMENTS: &[&[&Statement]] = store::CATALOGUE;

/// Returns the schemas of this service's database, in the order in which they migrate.
pub fn schemas() -> [Schema; 3] {
    [messaging::SCHEMA, audit::SCHEMA, SCHEMA]
}

/// What the process hands to notifications.
pub struct Parts {
    /// Opened with [`schemas`].
    pub db: Database,
    pub keyring: Keyring,
    /// Where mails go: [`Folder`].
    pub transport: Arc<dyn Transport>,
    pub settings: Settings,
}

/// Notifications at work. Cloning is cheap.
#[derive(Clone)]
pub struct Notifications(Arc<Inner>);

struct Inner {
    db: Database,
    transport: Arc<dyn Transport>,
    links: SealKey,
    writer: Writer,
    sender: Mailbox,
    queued: Notify,
}

impl Notifications {
    /// Puts notifications together; fails when the sender's address in the settings is none.
    pub fn new(parts: Parts) -> Result<Self> {
        let Parts { db, keyring, transport, settings } = parts;
        let sender = settings.mail_from.parse().map_err(|error: AddressError| Error::Unwritable(Box::new(error)))?;
        let writer = Writer::new(&settings.public_address);
        let links = keyring.seal_key(MAIL_LINK_PURPOSE);
        Ok(Self(Arc::new(Inner { db, transport, links, writer, sender, queued: Notify::new() })))
    }

    pub(crate) fn db(&self) -> &Database {
        &self.0.db
    }

    pub(crate) fn transport(&self) -> &dyn Transport {
        &*self.0.transport
    }

    /// Returns the key that links in mails are sealed with.
    pub(crate) fn links(&self) -> &SealKey {
        &self.0.links
    }

    pub(crate) fn writer(&self) -> &Writer {
        &self.0.writer
    }

    /// Returns whom mails are from.
    pub(crate) fn sender(&self) -> &Mailbox {
        &self.0.sender
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

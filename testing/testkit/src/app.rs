//! The application of a test's own: every role in this process, on ports of its own, over a test's installation.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use base::{Ambient, PersonId, TenantId};
use crypto::Secret;
use fpms::{
    demo::{self, Demo},
    node_roles,
    parts::Parts,
    services,
    settings::{self, Carrier, NatsPrefix, NatsUrl, Settings, Sources},
};
use identity::{
    actions::tenants::{NewUser, create_user},
    model::{membership::NewMembership, person::ProfileInput},
};
use runtime::Shutdown;
use storage::Tenant;

use crate::{Client, Installation, engine};

/// Password of everybody in tests.
pub const PASSWORD: &str = "rice-paddy-lantern-41";

/// A running application.
pub struct App {
    /// Where its gateway listens: `http://127.0.0.1:PORT`.
    pub url: String,
    /// Its parts.
    pub parts: Arc<Parts>,
    /// Its engine, folder and clock.
    pub installation: Installation,
}

impl App {
    /// Starts every role over `installation`.
    pub async fn start(installation: Installation) -> Self {
        let parts = parts_of(&installation);
        Self::with_parts(installation, parts).await
    }

    /// Starts every role over `installation` as `fpms serve --demo` does, and says who can sign in.
    pub async fn start_demo(installation: Installation) -> (Self, Demo) {
        let mut parts = parts_of(&installation);
        parts.demo = true;
        let demo = demo::prepare(&parts).await.expect("a faculty");
        (Self::with_parts(installation, parts).await, demo)
    }

    async fn with_parts(installation: Installation, parts: Parts) -> Self {
        node_roles::start(&parts, &["all".to_owned()]).await.expect("every role starts");
        let address = parts.gateway().expect("the gateway listens");
        Self { url: format!("http://{address}"), parts: Arc::new(parts), installation }
    }

    /// Adds a university.
    pub async fn tenant(&self, slug: &str) -> Arc<Tenant> {
        engine::tenant(self.parts.storage().await.expect("storage"), slug).await
    }

    /// Adds somebody with a role in the whole university and [`PASSWORD`].
    pub async fn person(&self, tenant: TenantId, email: &str, role: &str) -> PersonId {
        let profile = ProfileInput {
            name: email.to_owned(),
            email: email.to_owned(),
            language: "en".to_owned(),
            ..ProfileInput::default()
        };
        let new = NewUser {
            profile,
            memberships: vec![NewMembership::everywhere(role)],
            password: Some(Secret::new(PASSWORD)),
        };
        let identity = self.parts.identity().await.expect("identity");
        create_user(identity, tenant, new).await.expect("a new person").person.id
    }

    /// Waits until what was told has reached everybody, and every mail that is due is written.
    pub async fn settle(&self) {
        services::settle(&self.parts).await.expect("events are delivered");
    }

    /// Waits for the newest mail to this address and returns the link in it, without the product's address.
    pub async fn link_mailed_to(&self, email: &str) -> String {
        for _ in 0..200 {
            if let Some(link) = newest_link(&self.installation.folder.join("mail"), email) {
                return link;
            }
            // The sender says nothing when a file is written: looking again is the condition that is waited for.
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        panic!("no mail with a link came to {email}");
    }

    /// Returns a browser without scripts: it keeps cookies and does not follow redirects.
    pub fn visitor(&self) -> Client {
        Client::new(&self.url)
    }

    /// Ends it and waits for its tasks.
    pub async fn stop(self) {
        self.parts.shutdown.begin();
        self.parts.shutdown.drain(Duration::from_secs(10)).await.expect("every task ends");
    }
}

/// Returns the link, without the product's address, of the newest mail in `folder` to this address.
pub fn newest_link(folder: &Path, email: &str) -> Option<String> {
    let mut mails = Vec::new();
    collect_mails(folder, &mut mails);
    mails.sort();
    mails.iter().rev().find_map(|path| {
        let text = std::fs::read_to_string(path).ok()?;
        // Soft line breaks of quoted-printable go, and so does its way of writing `=`.
        let text = text.replace("=\r\n", "").replace("=\n", "").replace("=3D", "=");
        if !text.contains(email) {
            return None;
        }
        let (_, rest) = text.split_once("http://localhost:8080")?;
        Some(rest.split(|c: char| c.is_whitespace() || matches!(c, '"' | '<' | '>')).next()?.to_owned())
    })
}

fn collect_mails(folder: &Path, mails: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            collect_mails(&path, mails);
        } else if path.extension().is_some_and(|extension| extension == "eml") {
            mails.push(path);
        }
    }
}

fn parts_of(installation: &Installation) -> Parts {
    let ambient: Ambient = installation.ambient.clone();
    Parts::with_ambient(settings_of(installation), Shutdown::new(), ambient).expect("parts")
}

fn settings_of(installation: &Installation) -> Settings {
    let mut settings = settings::load(&Sources::default()).expect("defaults").settings;
    settings.data.clone_from(&installation.folder);
    settings.listen = ([127, 0, 0, 1], 0).into();
    settings.storage.shards =
        installation.settings.shards.iter().map(|shard| settings::Shard::new(&shard.name, &shard.url)).collect();
    if let Some(nats) = &installation.nats {
        settings.messaging.bus = Carrier::Nats;
        settings.messaging.nats_url = NatsUrl::new(&nats.url);
        settings.messaging.nats_prefix = NatsPrefix::new(&nats.prefix);
    }
    settings
}

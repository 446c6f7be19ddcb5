//! What the roles of a node are made of. Each part is built once, when the first role asks for it, and shared by all.
//!
//! Owns the wiring of parts to settings. Never knows which roles there are.
//! Start reading at [`Parts`].

use std::{
    collections::HashMap,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::{Context, Result};
use base::{Ambient, RequestId};
use crypto::{
    Keyring, Passwords, SystemRandom,
    password::{Cost, Limits},
};
use identity::Identity;
use mesh::{
    Channel, Discovery, NodeId,
    registry::{self, Authority, Registry, report::report},
};
use messaging::{Bus, JetStream, Journal, bus::nats};
use parking_lot::Mutex;
use runtime::{Shutdown, clock::SystemClock, health::Health};
use storage::{Database, Schema, Storage};
use tokio::sync::{OnceCell, broadcast};
use web::{Kit, KitParts, Site};

use crate::{
    membership::Membership,
    settings::{Carrier, Settings},
    tenants::{self, Cards},
};

/// What every process knows of every service: its texts, its entries in the navigation, its errors.
pub static SITES: &[&Site] = &[&identity::SITE, &projects::SITE, &files::SITE, &notifications::SITE, &console::SITE];

/// The parts of a node.
pub struct Parts {
    /// The settings in force.
    pub settings: Settings,
    /// Time and chance.
    pub ambient: Ambient,
    /// The end of the node.
    pub shutdown: Shutdown,
    /// Whether it is well.
    pub health: Health,
    /// The installation's secrets.
    pub keyring: Keyring,
    /// This process in the registry.
    pub node: NodeId,
    /// Whether this is a demonstration, which shows its operator more than a real installation does.
    pub demo: bool,
    membership: Membership,
    authority: OnceCell<Arc<dyn Authority>>,
    discovery: OnceCell<Discovery>,
    storage: OnceCell<Storage>,
    databases: tokio::sync::Mutex<HashMap<&'static str, Database>>,
    bus: OnceCell<Arc<dyn Bus>>,
    identity: OnceCell<Identity>,
    kit: OnceCell<Kit>,
    gateway: Mutex<Option<SocketAddr>>,
    probes: Mutex<Option<SocketAddr>>,
    /// What this process's registry sees, for the one who publishes it.
    registry_events: Mutex<Option<broadcast::Receiver<registry::Event>>>,
}

impl Parts {
    /// Returns the parts of a node with these settings; nothing is opened but the keys.
    pub fn new(settings: Settings, shutdown: Shutdown) -> Result<Self> {
        let ambient = Ambient::new(Arc::new(SystemClock), Arc::new(SystemRandom));
        Self::with_ambient(settings, shutdown, ambient)
    }

    /// Returns the parts of a node whose time and chance come from elsewhere.
    pub fn with_ambient(settings: Settings, shutdown: Shutdown, ambient: Ambient) -> Result<Self> {
        let keyring = keyring(&settings)?;
        Ok(Self {
            health: Health::new(shutdown.clone()),
            node: ambient.id(),
            demo: false,
            ambient,
            shutdown,
            membership: Membership::of(&settings.mesh, &keyring)?,
            keyring,
            settings,
            authority: OnceCell::new(),
            discovery: OnceCell::new(),
            storage: OnceCell::new(),
            databases: tokio::sync::Mutex::default(),
            bus: OnceCell::new(),
            identity: OnceCell::new(),
            kit: OnceCell::new(),
            gateway: Mutex::new(None),
            probes: Mutex::new(None),
            registry_events: Mutex::new(None),
        })
    }

    /// Returns the folder `path`, below the data folder unless it is absolute.
    pub fn folder(&self, path: impl AsRef<Path>) -> PathBuf {
        self.settings.data.join(path)
    }

    /// Returns a new request's id, for work that no request asked for.
    pub fn request(&self) -> RequestId {
        self.ambient.id()
    }

    /// Returns what makes this process one of the installation's.
    pub fn membership(&self) -> &Membership {
        &self.membership
    }

    /// Makes the registry of this process the one that its other roles use; the role `registry` calls it, before all others.
    pub fn host_registry(&self, registry: &Arc<Registry>) {
        // A second call changes nothing: a node has the role once.
        let _ = self.authority.set(Arc::clone(registry) as Arc<dyn Authority>);
        *self.registry_events.lock() = Some(registry.events());
    }

    /// Takes the stream of what this process's registry sees since it was made; none when it has no registry.
    pub(crate) fn take_registry_events(&self) -> Option<broadcast::Receiver<registry::Event>> {
        self.registry_events.lock().take()
    }

    /// Returns the registry: this process's own, or the one that the settings name.
    pub async fn authority(&self) -> Arc<dyn Authority> {
        let open = async || self.membership.registry(&self.settings.mesh, &self.shutdown).await;
        Arc::clone(self.authority.get_or_init(open).await)
    }

    /// Returns the live view of the installation's nodes.
    pub async fn discovery(&self) -> Discovery {
        let follow = async || {
            let authority = self.authority().await;
            let dialer = self.membership.dialer(Arc::clone(&authority), &self.shutdown).await;
            let discovery = Discovery::follow_as(Arc::clone(&authority), dialer, &self.shutdown);
            report(authority, self.node, &self.shutdown);
            let seen = discovery.clone();
            let since = |away: std::time::Duration| format!("away for {} s, the last view serves", away.as_secs());
            self.health.remark("registry", move || seen.away().map(since));
            discovery
        };
        self.discovery.get_or_init(follow).await.clone()
    }

    /// Returns a client of the installation's other services.
    pub async fn channel(&self) -> Channel {
        Channel::new(self.discovery().await, mesh::channel::Settings::default())
    }

    /// Returns the installation's databases.
    pub async fn storage(&self) -> Result<&Storage> {
        let open = async || {
            let storage = Storage::open(self.storage_settings(), self.ambient.clone()).await?;
            tenants::follow(storage.directory().clone(), &self.shutdown);
            anyhow::Ok(storage)
        };
        self.storage.get_or_try_init(open).await.context("opening the databases")
    }

    /// Returns identity at work, for its role and for the commands that add people.
    pub async fn identity(&self) -> Result<&Identity> {
        let build = async || {
            let settings = &self.settings.identity;
            let limits = Limits::for_cores(settings.password_hash_concurrency.get() as usize);
            anyhow::Ok(Identity::new(identity::Parts {
                db: self.database("identity", identity::SCHEMA).await?,
                keyring: self.keyring.clone(),
                passwords: Passwords::new(Cost::RECOMMENDED, limits),
                settings: identity::Settings {
                    secure_cookies: self.is_https(),
                    session_idle_minutes: settings.session_idle_minutes.get() as u32,
                    session_absolute_hours: settings.session_absolute_hours.get() as u32,
                },
            }))
        };
        self.identity.get_or_try_init(build).await
    }

    /// Returns a service's database, with what messaging and audit keep in it.
    pub async fn database(&self, service: &'static str, schema: Schema) -> Result<Database> {
        // Held while opening: a file has one writer in a process, and so one database.
        let mut databases = self.databases.lock().await;
        if let Some(database) = databases.get(service) {
            return Ok(database.clone());
        }
        let schemas = [messaging::SCHEMA, audit::SCHEMA, schema];
        let opened = self.storage().await?.database(service, &schemas).await;
        let database = opened.with_context(|| format!("opening the database of `{service}`"))?;
        databases.insert(service, database.clone());
        Ok(database)
    }

    /// Returns whether people reach the product by https.
    pub fn is_https(&self) -> bool {
        let gateway = &self.settings.gateway;
        self.settings.public_address.starts_with("https://")
            || !gateway.certificates.is_empty()
            || !gateway.acme_directory.is_empty()
    }

    /// Returns the bus on which events travel.
    pub async fn bus(&self) -> Result<Arc<dyn Bus>> {
        let open = async || {
            let bus: Arc<dyn Bus> = match self.settings.messaging.bus {
                Carrier::Journal => Arc::new(Journal::open(self.storage().await?).await?),
                Carrier::Nats => Arc::new(JetStream::connect(self.nats_settings(), &self.shutdown).await?),
            };
            let (promised, wanted) = (bus.durability(), self.settings.messaging.durability);
            anyhow::ensure!(
                promised >= wanted,
                "`messaging.durability` is {wanted:?}, and the bus is {promised:?} only"
            );
            Ok(bus)
        };
        Ok(Arc::clone(self.bus.get_or_try_init(open).await.context("opening the bus of events")?))
    }

    /// Returns what is the same for all requests of this process.
    pub async fn kit(&self) -> Result<&Kit> {
        let build = async || {
            let cards = Cards::new(self.storage().await?.directory().clone());
            let parts =
                KitParts { ambient: self.ambient.clone(), keyring: &self.keyring, tenants: Some(Arc::new(cards)) };
            let settings = web::Settings { account_path: "/settings".to_owned(), ..web::Settings::default() };
            anyhow::Ok(Kit::new(settings, parts, SITES)?)
        };
        self.kit.get_or_try_init(build).await
    }

    /// Remembers where the gateway listens.
    pub fn set_gateway(&self, address: SocketAddr) {
        *self.gateway.lock() = Some(address);
    }

    /// Returns where this node's gateway listens, when it has one.
    pub fn gateway(&self) -> Option<SocketAddr> {
        *self.gateway.lock()
    }

    /// Remembers where this node answers probes.
    pub fn set_probes(&self, address: SocketAddr) {
        *self.probes.lock() = Some(self.reachable(address));
    }

    /// Returns where others find this node's probes, when it has any.
    pub fn probes(&self) -> Option<SocketAddr> {
        *self.probes.lock()
    }

    /// Returns where others reach what listens at `address`: every address of the machine is no place to go to.
    pub fn reachable(&self, address: SocketAddr) -> SocketAddr {
        let ip = Some(address.ip()).filter(|ip| !ip.is_unspecified());
        SocketAddr::new(ip.unwrap_or_else(|| self.settings.mesh.address.ip()), address.port())
    }

    fn nats_settings(&self) -> nats::Settings {
        let settings = &self.settings.messaging;
        let credentials = &settings.nats_credentials;
        nats::Settings {
            url: settings.nats_url.expose().to_owned(),
            credentials: (!credentials.as_os_str().is_empty()).then(|| self.folder(credentials)),
            prefix: settings.nats_prefix.as_str().to_owned(),
            replicas: settings.nats_replicas.get() as usize,
        }
    }

    /// Returns where registries keep the catalogue that they share.
    pub fn registry_store(&self) -> mesh::registry::nats::Settings {
        let nats::Settings { url, credentials, prefix, replicas } = self.nats_settings();
        mesh::registry::nats::Settings { url, credentials, prefix, replicas }
    }

    fn storage_settings(&self) -> storage::Settings {
        let settings = &self.settings.storage;
        let (shards, roots) = (settings.shards.iter(), &settings.root_certificates);
        storage::Settings {
            shards: shards
                .map(|shard| storage::settings::Shard { name: shard.name.clone(), url: shard.url.expose().to_owned() })
                .collect(),
            migrate: settings.migrate,
            folder: self.settings.data.clone(),
            root_certificates: if roots.as_os_str().is_empty() { PathBuf::new() } else { self.folder(roots) },
            connections_max: settings.connections_max.get() as usize,
        }
    }
}

/// Returns the keyring that the settings name, or the one in the data folder, which is made when there is none.
pub fn keyring(settings: &Settings) -> Result<Keyring> {
    if let Some(roots) = settings.keys.root.get() {
        return Keyring::from_secret(roots).context("reading the root secrets of `keys.root`");
    }
    let folder = keys_folder(settings);
    Keyring::open(&folder, &SystemRandom).with_context(|| format!("opening the keys in {}", folder.display()))
}

/// Returns the folder with the root secrets.
pub fn keys_folder(settings: &Settings) -> PathBuf {
    settings.data.join("keys")
}

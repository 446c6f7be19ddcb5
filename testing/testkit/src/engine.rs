//! An installation of a test's own, on either engine.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use base::{Ambient, Timestamp};
use crypto::SystemRandom;
use messaging::{Bus, JetStream, Journal, bus::nats};
use runtime::{Shutdown, testing::FakeClock};
use storage::{NewTenant, Settings, Storage, Tenant, settings::Shard};
use tempfile::TempDir;

/// A database engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    /// A file in a folder of the test's own.
    Sqlite,
    /// A database of the test's own in the server that `FPMS_TEST_POSTGRES` names.
    Postgres,
}

/// A folder, databases, a clock that stands still and real randomness.
pub struct Installation {
    /// Where everything lies.
    pub folder: PathBuf,
    /// Removes the folder at the end, unless it is to stay.
    #[expect(dead_code, reason = "held for its drop")]
    temporary: Option<TempDir>,
    /// The clock; it shows 1 March 2027 until it is moved.
    pub clock: FakeClock,
    /// Time and chance.
    pub ambient: Ambient,
    /// The engine.
    pub engine: Engine,
    /// The shards.
    pub settings: Settings,
    /// Where events travel, when that is not the journal.
    pub nats: Option<nats::Settings>,
}

impl Installation {
    /// Makes an installation with one shard; `None` when the engine is not there and need not be.
    pub async fn on(engine: Engine) -> Option<Self> {
        Self::with_shards(engine, 1).await
    }

    /// Makes an installation with this many shards.
    pub async fn with_shards(engine: Engine, shards: usize) -> Option<Self> {
        let temporary = TempDir::new().expect("a temporary folder");
        let folder = temporary.path().to_owned();
        let (clock, ambient) = time_and_chance();
        let mut settings = Settings::embedded(&folder);
        settings.shards.clear();
        for index in 0..shards {
            let url = match engine {
                Engine::Sqlite => format!("sqlite:shard-{index}"),
                Engine::Postgres => database(&ambient).await?,
            };
            settings.shards.push(Shard { name: format!("shard-{index}"), url });
        }
        Some(Self { folder, temporary: Some(temporary), clock, ambient, engine, settings, nats: None })
    }

    /// Makes an installation with one shard whose events travel by NATS; `None` when an engine is not there and need not be.
    pub async fn with_nats(engine: Engine) -> Option<Self> {
        let Some(url) = named("FPMS_TEST_NATS") else {
            assert!(!required(), "FPMS_TEST_NATS is not set: run the tests with `cargo xtask test`");
            return None;
        };
        let installation = Self::on(engine).await?;
        let prefix = format!("test-{}", hexadecimal(&installation.ambient));
        let nats = nats::Settings { url, credentials: None, prefix, replicas: 1 };
        Some(Self { nats: Some(nats), ..installation })
    }

    /// Returns the SQLite installation in this folder, which stays: for processes that are started again.
    pub fn in_folder(folder: &Path) -> Self {
        let (clock, ambient) = time_and_chance();
        let folder = folder.to_owned();
        let settings = Settings::embedded(&folder);
        Self { folder, temporary: None, clock, ambient, engine: Engine::Sqlite, settings, nats: None }
    }

    /// Opens the bus.
    pub async fn bus(&self, storage: &Storage, shutdown: &Shutdown) -> Arc<dyn Bus> {
        match &self.nats {
            None => Arc::new(Journal::open(storage).await.expect("the journal opens")),
            Some(settings) => {
                let bus = JetStream::connect(settings.clone(), shutdown).await.expect("an address of NATS");
                connected(&bus).await;
                Arc::new(bus)
            }
        }
    }

    /// Opens the storage.
    pub async fn storage(&self) -> Storage {
        Storage::open(self.settings.clone(), self.ambient.clone()).await.expect("storage opens")
    }
}

impl Installation {
    /// Returns all that the databases hold at rest: the files of SQLite with what was overwritten in them, the rows of PostgreSQL
    /// as text, bytes as hexadecimal digits.
    pub async fn at_rest(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        for shard in &self.settings.shards {
            match self.engine {
                Engine::Sqlite => files_in(&self.folder.join(shard.url.trim_start_matches("sqlite:")), &mut bytes),
                Engine::Postgres => rows_of(&shard.url, &mut bytes).await,
            }
        }
        bytes
    }
}

impl Installation {
    /// Returns the names of the schemas of ours in the databases of PostgreSQL.
    pub async fn schemas(&self) -> Vec<String> {
        let sql = "SELECT CAST(nspname AS TEXT) FROM pg_namespace \
            WHERE nspname NOT LIKE 'pg\\_%' AND nspname NOT IN ('information_schema', 'public')";
        let mut schemas = Vec::new();
        for shard in &self.settings.shards {
            schemas.extend(ask(&shard.url, sql).await);
        }
        schemas
    }
}

fn files_in(folder: &Path, bytes: &mut Vec<u8>) {
    for entry in std::fs::read_dir(folder).expect("a folder of databases").flatten() {
        if entry.path().is_dir() {
            files_in(&entry.path(), bytes);
        } else {
            bytes.extend(std::fs::read(entry.path()).expect("a file of the database"));
        }
    }
}

/// Connects as the superuser, asks with `sql`, and hands the rows' first column over.
async fn ask(url: &str, sql: &str) -> Vec<String> {
    let mut config: tokio_postgres::Config = url.parse().expect("an address of PostgreSQL");
    let (client, driver) = config.user("postgres").connect(tokio_postgres::NoTls).await.expect("PostgreSQL answers");
    let driver = runtime::spawn(runtime::TaskKind::new("test-postgres", runtime::OnError::Log), driver);
    let rows = client.query(sql, &[]).await.expect("the rows");
    drop(client);
    // The driver ends when its client is gone.
    let _ = driver.await;
    rows.iter().map(|row| row.get(0)).collect()
}

/// As the superuser, whom row-level security does not bind.
async fn rows_of(url: &str, bytes: &mut Vec<u8>) {
    let mut config: tokio_postgres::Config = url.parse().expect("an address of PostgreSQL");
    let (client, driver) = config.user("postgres").connect(tokio_postgres::NoTls).await.expect("PostgreSQL answers");
    let driver = runtime::spawn(runtime::TaskKind::new("test-postgres", runtime::OnError::Log), driver);
    let tables = "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables \
        WHERE schemaname NOT IN ('pg_catalog', 'information_schema')";
    for table in client.query(tables, &[]).await.expect("the tables") {
        let rows = format!("SELECT whole::text FROM {} AS whole", table.get::<_, String>(0));
        for row in client.query(&rows, &[]).await.expect("the rows") {
            bytes.extend(row.get::<_, String>(0).into_bytes());
        }
    }
    drop(client);
    // The driver ends when its client is gone.
    let _ = driver.await;
}

/// A clock that shows 1 March 2027, and real randomness.
fn time_and_chance() -> (FakeClock, Ambient) {
    let now: Timestamp = "2027-03-01T08:00:00Z".parse().expect("an instant");
    let clock = FakeClock::at(now);
    let ambient = Ambient::new(Arc::new(clock.clone()), Arc::new(SystemRandom));
    (clock, ambient)
}

/// Adds a tenant of this short name.
pub async fn tenant(storage: &Storage, slug: &str) -> Arc<Tenant> {
    let new = NewTenant {
        slug: slug.to_owned(),
        name: format!("University {slug}"),
        name_local: "ມະຫາວິທະຍາໄລ".to_owned(),
        language: "en".to_owned(),
        zone: "Asia/Vientiane".to_owned(),
        domains: vec![format!("{slug}.example")],
    };
    storage.directory().create(new).await.expect("a new tenant")
}

/// Makes an empty database and returns its address.
async fn database(ambient: &Ambient) -> Option<String> {
    let Some(server) = named("FPMS_TEST_POSTGRES") else {
        assert!(!required(), "FPMS_TEST_POSTGRES is not set: run the tests with `cargo xtask test`");
        return None;
    };
    let (client, driver) = tokio_postgres::connect(&server, tokio_postgres::NoTls).await.expect("PostgreSQL answers");
    let driver = runtime::spawn(runtime::TaskKind::new("test-postgres", runtime::OnError::Log), driver);
    let name = format!("test_{}", hexadecimal(ambient));
    client.batch_execute(&format!("CREATE DATABASE {name}")).await.expect("a new database");
    drop(client);
    // The driver ends when its client is gone.
    let _ = driver.await;
    let (base, _) = server.rsplit_once('/').unwrap_or_else(|| panic!("`{server}` names no database"));
    Some(format!("{base}/{name}"))
}

/// A database of a test's own in the server of `cargo xtask engines`, for a role that is let in by TLS and SCRAM alone.
pub struct TlsPostgres {
    /// Its address, by the name that is in the server's certificate, without a mode.
    pub url: String,
    /// The certificate of the authority that signed the server's.
    pub authority: PathBuf,
    /// That of another.
    pub stranger: PathBuf,
}

impl TlsPostgres {
    /// Makes the database; `None` when there is no such server and none is required.
    pub async fn new() -> Option<Self> {
        let (_, ambient) = time_and_chance();
        let database = database(&ambient).await?;
        let (server, authorities) = (named("FPMS_TEST_POSTGRES_TLS")?, named("FPMS_TEST_POSTGRES_AUTHORITIES")?);
        let (base, _) = server.rsplit_once('/').unwrap_or_else(|| panic!("`{server}` names no database"));
        let (_, name) = database.rsplit_once('/').unwrap_or_else(|| panic!("`{database}` names no database"));
        let role: tokio_postgres::Config = server.parse().expect("an address of PostgreSQL");
        let grant = format!("ALTER DATABASE {name} OWNER TO {}", role.get_user().expect("a role"));
        let mut config: tokio_postgres::Config = database.parse().expect("an address of PostgreSQL");
        let (client, driver) =
            config.user("postgres").connect(tokio_postgres::NoTls).await.expect("PostgreSQL answers");
        let driver = runtime::spawn(runtime::TaskKind::new("test-postgres", runtime::OnError::Log), driver);
        client.batch_execute(&grant).await.expect("a new owner");
        drop(client);
        // The driver ends when its client is gone.
        let _ = driver.await;
        let authorities = Path::new(&authorities);
        Some(Self {
            url: format!("{base}/{name}"),
            authority: authorities.join("authority.pem"),
            stranger: authorities.join("stranger.pem"),
        })
    }
}

/// Waits until the bus answers.
pub async fn connected(bus: &dyn Bus) {
    for _ in 0..400 {
        if bus.first_from(0, Timestamp::EPOCH).await.is_ok() {
            return;
        }
        // A server does not say when it listens: asking is the condition that is waited for.
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    panic!("the bus does not answer");
}

/// Returns a name that nobody else has.
fn hexadecimal(ambient: &Ambient) -> String {
    ambient.bytes::<8>().map(|byte| format!("{byte:02x}")).concat()
}

/// Returns whether a test may not be passed over because an engine or the browser is missing.
pub(crate) fn required() -> bool {
    named("FPMS_TEST_REQUIRE").is_some()
}

#[expect(clippy::disallowed_methods, reason = "what tests run against is named by the environment")]
fn named(variable: &str) -> Option<String> {
    std::env::var(variable).ok()
}

//! What every test with I/O stands on: the engines, an installation of its own, and the application running on it.
//!
//! Owns set-up and clean-up. Never asserts anything about the product.
//! Start reading at [`both_engines!`], [`every_bus!`], [`Installation`] and [`App`].

#![expect(clippy::panic, clippy::expect_used, reason = "a test that cannot be set up has failed")]

use std::path::{Path, PathBuf};

pub mod app;
pub mod browser;
pub mod client;
pub mod engine;
pub mod nats;

pub use self::{
    app::{App, PASSWORD},
    browser::{Browser, Screen, Scripts},
    client::{Answer, Client},
    engine::{Engine, Installation, TlsPostgres},
    nats::NatsServer,
};

/// Declares tests that run on SQLite and on PostgreSQL, each on an installation of its own.
///
/// ```text
/// both_engines! {
///     async fn a_write_reads_back(installation: Installation) { ... }
/// }
/// ```
#[macro_export]
macro_rules! both_engines {
    ($($(#[$meta:meta])* async fn $name:ident($installation:ident: Installation) $body:block)*) => {
        $(
            mod $name {
                use super::*;

                async fn check($installation: $crate::Installation) $body

                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn on_sqlite() {
                    check($crate::Installation::on($crate::Engine::Sqlite).await.expect("SQLite needs nothing")).await;
                }

                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn on_postgres() {
                    if let Some(installation) = $crate::Installation::on($crate::Engine::Postgres).await {
                        check(installation).await;
                    }
                }
            }
        )*
    };
}

/// Declares tests that run on every bus: the journal on both engines, and NATS; each on an installation of its own.
#[macro_export]
macro_rules! every_bus {
    ($($(#[$meta:meta])* async fn $name:ident($installation:ident: Installation) $body:block)*) => {
        $(
            mod $name {
                use super::*;

                async fn check($installation: $crate::Installation) $body

                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn on_journal() {
                    check($crate::Installation::on($crate::Engine::Sqlite).await.expect("SQLite needs nothing")).await;
                }

                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn on_journal_in_postgres() {
                    if let Some(installation) = $crate::Installation::on($crate::Engine::Postgres).await {
                        check(installation).await;
                    }
                }

                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn on_nats() {
                    if let Some(installation) = $crate::Installation::with_nats($crate::Engine::Sqlite).await {
                        check(installation).await;
                    }
                }
            }
        )*
    };
}

/// Returns where a program of Debian's is; `None` when it is not there and not required.
pub fn program(name: &str) -> Option<PathBuf> {
    let found =
        ["/usr/bin", "/usr/sbin"].map(|folder| Path::new(folder).join(name)).into_iter().find(|path| path.exists());
    assert!(found.is_some() || !engine::required(), "{name} is missing: run the tests with `cargo xtask test`");
    found
}

/// Returns a port that nobody listens on, for a process that must be told its own.
pub fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("an address").port()
}

//! TLS to PostgreSQL: what each mode lets through and what it refuses, and the store at work under the strictest.

use std::path::Path;

use ::storage::{Error, Settings, Storage, settings::Shard};
use testkit::{TlsPostgres, engine::tenant};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

use super::*;

#[tokio::test]
async fn plain_connections_are_refused_where_the_server_wants_tls() {
    let Some(postgres) = TlsPostgres::new().await else { return };
    refused(&postgres.url, "sslmode=disable", Path::new(""), "pg_hba.conf").await;
}

#[tokio::test]
async fn a_server_without_tls_is_refused_when_tls_is_required() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("postgres://fpms@{}/fpms", listener.local_addr().unwrap());
    let server = async {
        let (mut client, _) = listener.accept().await.unwrap();
        let mut request = [0; 8];
        client.read_exact(&mut request).await.unwrap();
        client.write_all(b"N").await.unwrap();
    };
    tokio::join!(server, refused(&url, "sslmode=require", Path::new(""), "TLS"));
}

#[tokio::test]
async fn a_certificate_of_another_authority_is_refused() {
    let Some(postgres) = TlsPostgres::new().await else { return };
    for mode in ["sslmode=verify-full", "sslmode=verify-ca", "sslmode=require"] {
        refused(&postgres.url, mode, &postgres.stranger, "UnknownIssuer").await;
    }
    // Nor is it one of the system's.
    refused(&postgres.url, "sslmode=verify-full", Path::new(""), "UnknownIssuer").await;
}

#[tokio::test]
async fn a_certificate_of_another_host_is_refused_by_verify_full_alone() {
    let Some(postgres) = TlsPostgres::new().await else { return };
    let elsewhere = postgres.url.replace("@localhost:", "@127.0.0.1:");
    refused(&elsewhere, "sslmode=verify-full", &postgres.authority, "not valid for name").await;
    assert!(opened(&elsewhere, "sslmode=verify-ca", &postgres.authority).await.is_ok());
    assert!(opened(&elsewhere, "sslmode=require", Path::new("")).await.is_ok());
}

#[tokio::test]
async fn the_store_works_under_tls_and_says_so() {
    let Some(postgres) = TlsPostgres::new().await else { return };
    // The password is worth nothing to whoever stands between, since it is bound to the certificate.
    let mode = "sslmode=verify-full&channel_binding=require";
    let storage = opened(&postgres.url, mode, &postgres.authority).await.unwrap();
    let database = storage.database("ledger", &[SCHEMA]).await.unwrap();
    let uni = tenant(&storage, "uni").await;
    database.write(&caller(uni.id), |tx| insert(tx, 1, 1).boxed()).await.unwrap();
    assert_eq!(count(&database, uni.id, 1).await, 1);
    let encryption = database.encryption(0).await.unwrap();
    assert!(encryption.as_deref().is_some_and(|how| how.starts_with("TLSv1.3")), "{encryption:?}");
}

#[tokio::test]
async fn a_connection_prefers_to_be_encrypted() {
    let Some(postgres) = TlsPostgres::new().await else { return };
    let storage = opened(&postgres.url, "connect_timeout=10", Path::new("")).await.unwrap();
    let database = storage.database("ledger", &[SCHEMA]).await.unwrap();
    assert!(database.encryption(0).await.unwrap().is_some());
}

async fn opened(url: &str, query: &str, roots: &Path) -> Result<Storage, Error> {
    let folder = tempfile::tempdir().unwrap();
    let mut settings = Settings::embedded(folder.path());
    settings.shards = vec![Shard { name: "shard-0".to_owned(), url: format!("{url}?{query}") }];
    settings.root_certificates = roots.to_owned();
    Storage::open(settings, runtime::testing::ambient(&runtime::testing::FakeClock::at(base::Timestamp::EPOCH), 7))
        .await
}

async fn refused(url: &str, query: &str, roots: &Path, because: &str) {
    let error = opened(url, query, roots).await.err().unwrap_or_else(|| panic!("{query} was let through"));
    let told = runtime::chain(&error);
    assert!(told.contains(because), "{told}");
}

//! What a statement and a commit cost through `storage`, beside the same through the bare drivers.
//!
//! The bar: at most 1.5 times the driver's CPU time, and 60,000 durable commits a second from 64 writers.
//! Start reading at [`run`].

mod commits;
mod postgres;
mod sqlite;

use anyhow::Result;

use crate::{machine, postgres as server};

/// Runs all parts, or the one named.
pub(super) async fn run(only: Vec<String>) -> Result<()> {
    let wanted = |part: &str| only.is_empty() || only.iter().any(|name| name == part);
    if wanted("postgres") && server::provide()? {
        return Ok(());
    }
    println!("{}", machine::summary());
    if wanted("sqlite-reads") {
        sqlite::reads().await?;
    }
    if wanted("sqlite-writes") {
        sqlite::writes().await?;
    }
    if wanted("commits") {
        commits::run().await?;
    }
    // The last, for after it this process stays on one core.
    if wanted("postgres") {
        postgres::run().await?;
    }
    println!("\n{}", machine::summary());
    Ok(())
}

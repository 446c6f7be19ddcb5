//! A private NATS server with JetStream.

use std::{
    fs,
    io::{BufRead, BufReader},
    net::{SocketAddr, TcpStream},
    path::Path,
    time::Duration,
};

use anyhow::{Context, Result};

use super::server::{Recipe, Server, guarded};
use crate::process;

/// Starts it with its streams in `folder`.
pub(super) fn start(folder: &Path) -> Result<Server> {
    fs::create_dir_all(folder)?;
    let program = process::find("nats-server").context("nats-server is not installed")?;
    Server::start(&Recipe {
        name: "nats-server",
        log: &folder.join("log"),
        command: &|port| {
            let mut command = guarded(&program, &[]);
            command
                .args(["--addr", "127.0.0.1", "--port", &port.to_string(), "--jetstream", "--store_dir"])
                .arg(folder);
            Ok(command)
        },
        ready: &greets,
    })
}

/// Returns whether the server greets as its protocol says: `INFO {..}`.
fn greets(address: SocketAddr) -> bool {
    let Ok(stream) = TcpStream::connect(address) else { return false };
    if stream.set_read_timeout(Some(Duration::from_secs(1))).is_err() {
        return false;
    }
    let mut line = String::new();
    BufReader::new(stream).read_line(&mut line).is_ok() && line.starts_with("INFO ")
}

//! A private Redis server that keeps nothing on disk.

use std::{
    fs,
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    path::Path,
    time::Duration,
};

use anyhow::{Context, Result};

use super::server::{Recipe, Server, guarded};
use crate::process;

/// Starts it with `folder` as its working folder.
pub(super) fn start(folder: &Path) -> Result<Server> {
    fs::create_dir_all(folder)?;
    let program = process::find("redis-server").context("redis-server is not installed")?;
    Server::start(&Recipe {
        name: "redis-server",
        log: &folder.join("log"),
        command: &|port| {
            let mut command = guarded(&program, &[]);
            command.args([
                "--bind",
                "127.0.0.1",
                "--port",
                &port.to_string(),
                "--save",
                "",
                "--appendonly",
                "no",
                "--dir",
            ]);
            command.arg(folder);
            Ok(command)
        },
        ready: &answers,
    })
}

fn answers(address: SocketAddr) -> bool {
    let ping = || -> std::io::Result<bool> {
        let mut stream = TcpStream::connect(address)?;
        stream.set_read_timeout(Some(Duration::from_secs(1)))?;
        stream.write_all(b"PING\r\n")?;
        let mut answer = [0; 7];
        stream.read_exact(&mut answer)?;
        Ok(&answer == b"+PONG\r\n")
    };
    ping().unwrap_or(false)
}

//! Where the gateways of this machine are, for the commands that ask them: a file with an address a line, the newest last.
//!
//! A gateway that ended without a word leaves its line; whoever reads or writes passes over what nobody listens at.

use std::{
    fs,
    net::{SocketAddr, TcpStream},
    path::Path,
    time::Duration,
};

use anyhow::{Context, Result, ensure};

/// Longest wait for a gateway of this machine to accept a connection.
const CONNECT_MAX: Duration = Duration::from_millis(300);

/// Adds a gateway to those in `file`.
pub(crate) fn add(file: &Path, address: SocketAddr) -> Result<()> {
    let others = alive(file).into_iter().filter(|other| *other != address);
    let all: Vec<String> = others.chain([address]).map(|address| address.to_string()).collect();
    write(file, &all.join("\n"))
}

/// Returns the gateways in `file` that listen, at least one.
pub(super) fn all(file: &Path) -> Result<Vec<SocketAddr>> {
    let alive = alive(file);
    ensure!(!alive.is_empty(), "no gateway that runs has said in {} where it is", file.display());
    Ok(alive)
}

/// Writes a file below the data folder.
pub(crate) fn write(file: &Path, text: &str) -> Result<()> {
    let folder = file.parent().unwrap_or(file);
    let written = fs::create_dir_all(folder).and_then(|()| fs::write(file, text));
    written.with_context(|| format!("writing {}", file.display()))
}

fn alive(file: &Path) -> Vec<SocketAddr> {
    let text = fs::read_to_string(file).unwrap_or_default();
    let told = text.lines().filter_map(|line| line.trim().parse().ok());
    told.filter(|address| TcpStream::connect_timeout(address, CONNECT_MAX).is_ok()).collect()
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;

    #[test]
    fn a_second_gateway_stands_beside_the_first_until_that_ends() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("gateway/admin");
        assert!(all(&file).unwrap_err().to_string().contains("no gateway that runs"));
        let [first, second] = [(); 2].map(|()| TcpListener::bind("127.0.0.1:0").unwrap());
        let [one, two] = [&first, &second].map(|listener| listener.local_addr().unwrap());
        for address in [one, two, two] {
            add(&file, address).unwrap();
        }
        assert_eq!(all(&file).unwrap(), [one, two]);
        drop(first);
        assert_eq!(all(&file).unwrap(), [two]);
    }
}

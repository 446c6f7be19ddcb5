//! The product's own binary as a child process, on a demo faculty.

use std::{
    net::{Ipv4Addr, SocketAddr, TcpListener},
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use anyhow::{Context, Result, ensure};
use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt, BufReader, Lines},
    process::{Child, ChildStdout, Command},
    time::{self, Instant},
};

use crate::{
    http::{Ask, Connection},
    installation, machine,
};

/// Longest wait for a server that starts.
const START_MAX: Duration = Duration::from_mins(1);
/// Silence after which the server has said all sign-ins, once it has begun to.
const SILENCE: Duration = Duration::from_millis(500);
const POLL: Duration = Duration::from_millis(5);

/// Where a server's data lies and where it listens; outlives its processes.
pub(crate) struct Place {
    folder: TempDir,
    pub(crate) address: SocketAddr,
    /// The PostgreSQL database that holds the data; files in the folder do when there is none.
    postgres: Option<String>,
}

/// A running server; killed when dropped.
pub(crate) struct Server {
    child: Child,
    pid: u32,
    /// Time from its start to the first page.
    pub(crate) started_in: Duration,
    /// The sign-ins that it printed.
    pub(crate) people: Vec<Person>,
}

/// Somebody who can sign in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Person {
    pub(crate) role: String,
    pub(crate) email: String,
    pub(crate) password: String,
}

impl Place {
    /// Takes a folder and a port that nobody else has.
    pub(crate) fn new() -> Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        Ok(Self { folder: installation::folder()?, address: listener.local_addr()?, postgres: None })
    }

    /// Keeps the data in the PostgreSQL database at `url`.
    pub(crate) fn on_postgres(self, url: &str) -> Self {
        Self { postgres: Some(url.to_owned()), ..self }
    }

    /// Adds to `command`, which is to start the product's binary, what every process here is told.
    pub(crate) fn tell(&self, command: &mut std::process::Command) {
        command.args(["serve", "--listen", &self.address.to_string(), "--data"]).arg(self.folder.path());
        // A few people do here what thousands do elsewhere.
        command.env("FPMS_GATEWAY__LIMITS", "[]").stdin(Stdio::null());
        if let Some(url) = &self.postgres {
            command.env("FPMS_STORAGE__SHARDS", format!("[{{ name = \"shard-0\", url = {url:?} }}]"));
        }
    }

    /// Starts a server here and waits for its first page.
    pub(crate) async fn serve(&self) -> Result<Server> {
        let began = Instant::now();
        let mut command = std::process::Command::new(binary()?);
        self.tell(&mut command);
        let mut command = Command::from(command);
        command.arg("--demo").stdout(Stdio::piped()).stderr(Stdio::null()).kill_on_drop(true);
        let mut child = command.spawn().context("the server cannot be started")?;
        let pid = child.id().context("the server has ended")?;
        let lines = BufReader::new(child.stdout.take().context("no pipe")?).lines();
        first_page(self.address, &mut child, began).await?;
        let started_in = began.elapsed();
        let people = people(lines).await?;
        Ok(Server { child, pid, started_in, people })
    }

    /// Returns what a browser says of where its page came from.
    pub(crate) fn origin(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Returns the folder of everything that a server here keeps.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Returns the folder with the mails that the server sent for the demo's university.
    pub(crate) fn mail(&self) -> PathBuf {
        self.folder.path().join("mail/demo")
    }

    /// Returns the size of the data in MiB.
    pub(crate) fn data_mib(&self) -> f64 {
        size(self.folder.path()) as f64 / f64::from(1 << 20)
    }
}

impl Server {
    /// Ends the process as `kill -9` does.
    pub(crate) async fn kill(mut self) -> Result<()> {
        Ok(self.child.kill().await?)
    }

    /// Returns the CPU time of all its threads.
    pub(crate) fn cpu(&self) -> Duration {
        machine::cpu_of_process(self.pid)
    }

    /// Returns its resident memory in MiB, now and at its peak.
    pub(crate) fn resident_mib(&self) -> (f64, f64) {
        machine::resident_mib(self.pid).unwrap_or_default()
    }
}

/// Returns the product's binary, which lies beside this program.
pub(crate) fn binary() -> Result<PathBuf> {
    let path = std::env::current_exe()?.with_file_name("fpms");
    ensure!(path.is_file(), "{} is not there: run `cargo build --release` first", path.display());
    Ok(path)
}

async fn first_page(address: SocketAddr, child: &mut Child, began: Instant) -> Result<()> {
    while began.elapsed() < START_MAX {
        if let Some(status) = child.try_wait()? {
            anyhow::bail!("the server ended at its start ({status})");
        }
        if let Ok(mut connection) = Connection::open(address).await
            && connection.send(&Ask::get("/")).await.is_ok_and(|answer| !answer.status.is_server_error())
        {
            return Ok(());
        }
        time::sleep(POLL).await;
    }
    anyhow::bail!("no page within {} s", START_MAX.as_secs())
}

/// Reads the lines `ROLE EMAIL password: PASSWORD`.
async fn people(mut lines: Lines<BufReader<ChildStdout>>) -> Result<Vec<Person>> {
    let mut people = Vec::new();
    let patience = |people: &[Person]| if people.is_empty() { START_MAX } else { SILENCE };
    while let Ok(line) = time::timeout(patience(&people), lines.next_line()).await {
        let Some(line) = line? else { break };
        people.extend(person(&line));
    }
    Ok(people)
}

fn person(line: &str) -> Option<Person> {
    let (left, password) = line.split_once("password:")?;
    let (role, email) = left.trim().split_once(' ')?;
    let person = Person { role: role.to_owned(), email: email.trim().to_owned(), password: password.trim().to_owned() };
    Some(person)
}

fn size(folder: &Path) -> u64 {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .map(|entry| match entry.metadata() {
            Ok(metadata) if metadata.is_dir() => size(&entry.path()),
            Ok(metadata) => metadata.len(),
            Err(_) => 0,
        })
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sign_in_is_read_from_what_the_server_prints() {
        let expected = Person {
            role: "student".to_owned(),
            email: "ana@demo.example".to_owned(),
            password: "correct horse".to_owned(),
        };
        let line = "  student      ana@demo.example                 password: correct horse";
        assert_eq!(person(line), Some(expected));
        assert_eq!(person("fpms serves on http://localhost:8080"), None);
    }
}

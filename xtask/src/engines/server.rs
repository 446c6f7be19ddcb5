//! A server of our own: on a free port, ready before it is used, gone when we are.

use std::{
    fs,
    net::{Ipv4Addr, SocketAddr, TcpListener},
    os::unix::process::CommandExt,
    path::Path,
    process::{Child, Command, Stdio},
    time::Duration,
};

use anyhow::{Context, Result, bail};

use crate::process;

/// Another process may take the free port before the server does; then the next port is tried.
const ATTEMPTS_MAX: u32 = 3;
const READY_WAIT_MAX: Duration = Duration::from_secs(30);
const POLL: Duration = Duration::from_millis(50);

/// A running server. Dropping it kills it by its id.
pub(super) struct Server {
    child: Child,
    port: u16,
}

/// How to start a server and how to see that it answers.
pub(super) struct Recipe<'a> {
    pub(super) name: &'static str,
    /// Where its output goes; shown when it does not start.
    pub(super) log: &'a Path,
    pub(super) command: &'a dyn Fn(u16) -> Result<Command>,
    pub(super) ready: &'a dyn Fn(SocketAddr) -> bool,
}

impl Server {
    pub(super) fn start(recipe: &Recipe<'_>) -> Result<Self> {
        let mut last = None;
        for _ in 0..ATTEMPTS_MAX {
            match Self::attempt(recipe) {
                Ok(server) => return Ok(server),
                Err(error) => last = Some(error),
            }
        }
        let log = fs::read_to_string(recipe.log).unwrap_or_default();
        let error = last.context("no attempt was made")?;
        Err(error.context(format!("{} does not start; its log says:\n{}", recipe.name, log.trim())))
    }

    pub(super) fn port(&self) -> u16 {
        self.port
    }

    pub(super) fn address(&self) -> SocketAddr {
        address(self.port)
    }

    /// Waits for the server to end by itself.
    pub(super) fn wait(&mut self) {
        let _ = self.child.wait();
    }

    fn attempt(recipe: &Recipe<'_>) -> Result<Self> {
        let port = free_port()?;
        let log = fs::File::create(recipe.log)?;
        let mut command = (recipe.command)(port)?;
        // A group of its own: Ctrl-C reaches the tests first, the servers end when the tests have.
        command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log).process_group(0);
        let child = command.spawn().with_context(|| format!("{} cannot be started", recipe.name))?;
        let mut server = Self { child, port };
        let mut waited = Duration::ZERO;
        while !(recipe.ready)(server.address()) {
            if let Some(status) = server.child.try_wait()? {
                bail!("it ended with {status}");
            }
            if waited >= READY_WAIT_MAX {
                bail!("it does not answer on port {port}");
            }
            process::pause(POLL);
            waited += POLL;
        }
        Ok(server)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Both fail only when it has ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Returns `program`, to be killed by the kernel when this process ends without stopping it (Linux's death signal).
pub(super) fn guarded(program: &Path, options: &[&str]) -> Command {
    match process::find("setpriv") {
        Some(setpriv) => {
            let mut command = Command::new(setpriv);
            command.args(["--pdeathsig", "KILL"]).args(options).arg("--").arg(program);
            command
        }
        None => Command::new(program),
    }
}

fn address(port: u16) -> SocketAddr {
    SocketAddr::from((Ipv4Addr::LOCALHOST, port))
}

fn free_port() -> Result<u16> {
    Ok(TcpListener::bind(address(0))?.local_addr()?.port())
}

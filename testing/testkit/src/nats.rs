//! A NATS server of a test's own, to be killed and started again on what it kept.

use std::{
    net::TcpListener,
    path::Path,
    process::{Child, Command, Stdio},
};

use base::Ambient;
use crypto::SystemRandom;
use messaging::bus::nats::Settings;
use runtime::SystemClock;
use tempfile::TempDir;

/// Where the packages of systems put the server.
const PROGRAMS: [&str; 3] = ["/usr/sbin/nats-server", "/usr/bin/nats-server", "/usr/local/bin/nats-server"];

/// A server's place: its program, port and store. Whether it runs is up to the test.
pub struct NatsServer {
    program: &'static str,
    port: u16,
    store: TempDir,
    running: Option<Child>,
}

impl NatsServer {
    /// Takes a port and a folder, and starts nothing; `None` when there is no such program and none is required.
    pub fn new() -> Option<Self> {
        let program = PROGRAMS.into_iter().find(|program| Path::new(program).exists());
        assert!(program.is_some() || !crate::engine::required(), "nats-server is missing");
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = listener.local_addr().expect("an address").port();
        Some(Self { program: program?, port, store: TempDir::new().expect("a folder"), running: None })
    }

    /// Returns how to reach it, under a prefix that nobody else has.
    pub fn settings(&self) -> Settings {
        let ambient = Ambient::new(std::sync::Arc::new(SystemClock), std::sync::Arc::new(SystemRandom));
        let prefix = format!("test-{:016x}", u64::from_ne_bytes(ambient.bytes()));
        Settings { url: format!("nats://127.0.0.1:{}", self.port), credentials: None, prefix, replicas: 1 }
    }

    /// Starts it on what it kept.
    pub fn start(&mut self) {
        let mut command = Command::new(self.program);
        command.args(["--addr", "127.0.0.1", "--port", &self.port.to_string(), "--jetstream", "--store_dir"]);
        command.arg(self.store.path()).stdout(Stdio::null()).stderr(Stdio::null());
        self.running = Some(command.spawn().expect("nats-server starts"));
    }

    /// Ends it as `kill -9` does.
    pub fn kill(&mut self) {
        if let Some(mut child) = self.running.take() {
            // Both fail only when it has ended already.
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

impl Drop for NatsServer {
    fn drop(&mut self) {
        self.kill();
    }
}

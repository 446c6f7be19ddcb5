//! The contenders, each a process of its own with one thread on a core of its own, and the backend behind them all.

use std::{
    fs,
    net::{Ipv4Addr, SocketAddr, TcpListener},
    path::Path,
    process::Stdio,
    time::Duration,
};

use anyhow::{Context, Result, bail};
use tempfile::TempDir;
use tokio::{
    net::TcpStream,
    process::{Child, Command},
    time::{self, Instant},
};

use super::certificate;
use crate::{installation, machine};

/// How the names of our own rows begin.
pub(in crate::benchmarks) const OURS: &str = "ours";
pub(in crate::benchmarks) const NGINX: &str = "nginx";
/// The core of the proxies; one of them works at a time.
const PROXY_CORE: usize = 0;
/// The core of the backend and of the driver.
pub(in crate::benchmarks) const BACKEND_CORE: usize = 1;
const START_MAX: Duration = Duration::from_secs(10);
const POLL: Duration = Duration::from_millis(5);

/// The contenders in the order of the table, and what they need.
pub(in crate::benchmarks) struct Peers {
    pub(in crate::benchmarks) contenders: Vec<Contender>,
    _backend: Child,
    _folder: TempDir,
}

/// A proxy that runs; killed when dropped.
pub(in crate::benchmarks) struct Contender {
    pub(in crate::benchmarks) name: &'static str,
    pub(in crate::benchmarks) address: SocketAddr,
    /// Where it speaks TLS, and HTTP/2 with whoever likes it.
    pub(in crate::benchmarks) secure: Option<SocketAddr>,
    pid: u32,
    _child: Child,
}

impl Peers {
    /// Starts the backend and every contender that is installed; those named in `only`, or all.
    pub(in crate::benchmarks) async fn start(only: &[String]) -> Result<Self> {
        let folder = installation::folder()?;
        let backend = free_address()?;
        fs::write(folder.path().join("64k"), vec![b'x'; 64 << 10])?;
        let config = backend_config(folder.path(), backend);
        let child = nginx(folder.path(), "backend", &config, BACKEND_CORE)
            .context("the backend is nginx, which is missing: install the package `nginx`")?;
        listening(backend).await?;
        let mut contenders = Vec::new();
        for name in [NGINX, "haproxy", "hyper", OURS, "ours-full"] {
            if !only.is_empty() && !only.iter().any(|wanted| wanted == name) {
                continue;
            }
            match contender(name, folder.path(), backend).await {
                Ok(contender) => contenders.push(contender),
                Err(error) if name == "haproxy" => {
                    println!("{name} is left out: {error:#}; install the package `{name}`");
                }
                Err(error) => return Err(error.context(name)),
            }
        }
        Ok(Self { contenders, _backend: child, _folder: folder })
    }
}

impl Contender {
    /// Returns the CPU time of the process so far.
    pub(in crate::benchmarks) fn cpu(&self) -> Duration {
        machine::cpu_of_process(self.pid)
    }
}

/// Returns a command that runs on one core only.
pub(in crate::benchmarks) fn pinned(core: usize, program: &str) -> Command {
    let mut command = Command::new("taskset");
    command.args(["-c", &core.to_string(), program]);
    command
}

/// Starts the contender of this name in front of `backend`.
pub(in crate::benchmarks) async fn contender(
    name: &'static str,
    folder: &Path,
    backend: SocketAddr,
) -> Result<Contender> {
    certificate::write(folder)?;
    let (address, secure) = (free_address()?, free_address()?);
    let child = match name {
        NGINX => nginx(folder, "proxy", &proxy_config(folder, (address, secure), backend), PROXY_CORE)?,
        "haproxy" => haproxy(folder, (address, secure), backend)?,
        _ => {
            let program = std::env::current_exe()?;
            let program = program.to_str().context("the program's path is no text")?;
            let mut command = pinned(PROXY_CORE, program);
            command.args(["gateway-proxy", name, &address.to_string(), &secure.to_string(), &backend.to_string()]);
            command.arg(folder);
            spawn(command)?
        }
    };
    // taskset becomes the program, so that this is the program's own id.
    let pid = child.id().context("it has ended")?;
    listening(address).await?;
    let secure = Some(secure).filter(|_| name != "hyper");
    Ok(Contender { name, address, secure, pid, _child: child })
}

fn nginx(folder: &Path, name: &str, config: &str, core: usize) -> Result<Child> {
    let file = folder.join(format!("{name}.conf"));
    fs::write(&file, config)?;
    let mut command = pinned(core, "nginx");
    command.arg("-p").arg(folder).arg("-c").arg(&file).args(["-e", "stderr"]);
    spawn(command)
}

fn haproxy(folder: &Path, (address, secure): (SocketAddr, SocketAddr), backend: SocketAddr) -> Result<Child> {
    let file = folder.join("haproxy.cfg");
    let config = format!(
        "global\n  nbthread 1\n  maxconn 4096\ndefaults\n  mode http\n  timeout connect 5s\n  timeout client 60s\n  \
         timeout server 60s\n  http-reuse always\nfrontend f\n  bind {address}\n  \
         bind {secure} ssl crt {both} alpn h2,http/1.1\n  default_backend b\n\
         backend b\n  option forwardfor\n  server s {backend}\n",
        both = folder.join(certificate::BOTH).display(),
    );
    fs::write(&file, config)?;
    let mut command = pinned(PROXY_CORE, "haproxy");
    command.arg("-db").arg("-f").arg(&file);
    spawn(command)
}

fn spawn(mut command: Command) -> Result<Child> {
    let quiet = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    Ok(quiet.kill_on_drop(true).spawn()?)
}

fn base(folder: &Path, name: &str) -> String {
    let folder = folder.display();
    let paths = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
    let paths = paths.map(|path| format!("{path}_temp_path {folder}/{name}-{path};\n")).concat();
    format!(
        "daemon off;\nmaster_process off;\npid {folder}/{name}.pid;\nerror_log stderr crit;\n\
         events {{ worker_connections 4096; }}\nhttp {{\n{paths}access_log off;\nkeepalive_requests 100000000;\n"
    )
}

fn backend_config(folder: &Path, address: SocketAddr) -> String {
    let (base, root, body) = (base(folder, "backend"), folder.display(), "x".repeat(1 << 10));
    format!(
        "{base}server {{ listen {address} backlog=4096; root {root}; sendfile on; tcp_nopush on; \
         open_file_cache max=10;\n location /1k {{ return 200 \"{body}\"; }}\n location /64k {{ }} }}\n}}\n"
    )
}

fn proxy_config(folder: &Path, (address, secure): (SocketAddr, SocketAddr), backend: SocketAddr) -> String {
    let base = base(folder, "proxy");
    format!(
        "{base}upstream b {{ server {backend}; keepalive 256; keepalive_requests 100000000; }}\n\
         server {{ listen {address} backlog=4096; listen {secure} ssl http2 backlog=4096; \
         ssl_protocols TLSv1.2 TLSv1.3; ssl_certificate {certificate}; ssl_certificate_key {key};\n location / {{ proxy_pass http://b; proxy_http_version 1.1; \
         proxy_buffers 8 16k; proxy_max_temp_file_size 0; \
         proxy_set_header Connection \"\"; proxy_set_header Host $host; \
         proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for; }} }}\n}}\n",
        certificate = folder.join(certificate::CERTIFICATE).display(),
        key = folder.join(certificate::KEY).display(),
    )
}

/// Returns an address that nobody listens on.
pub(in crate::benchmarks) fn free_address() -> Result<SocketAddr> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?)
}

/// Waits until somebody listens.
pub(in crate::benchmarks) async fn listening(address: SocketAddr) -> Result<()> {
    let began = Instant::now();
    while began.elapsed() < START_MAX {
        if TcpStream::connect(address).await.is_ok() {
            return Ok(());
        }
        time::sleep(POLL).await;
    }
    bail!("nothing listens on {address}")
}

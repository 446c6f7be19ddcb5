//! The nodes: this very test binary again, each time as a process in roles of its own, by the code of `fpms serve`.

use std::{
    net::SocketAddr,
    path::PathBuf,
    process::{ExitStatus, Stdio},
    time::Duration,
};

use fpms::{
    cli::{place, serve},
    demo::{self, Demo},
    parts::Parts,
    settings::{self, Sources},
};
use messaging::Envelope;
use runtime::Shutdown;
use rustix::process::{Pid, Signal, kill_process};
use testkit::Installation;
use tokio::{
    io::{AsyncBufReadExt, AsyncRead, BufReader},
    process::{Child, Command},
    sync::watch,
};

/// Tells a child its roles; without it, the child's test does nothing. Not `FPMS_...`: that would be a setting.
const ROLES: &str = "IT_SPLIT_ROLES";
/// Tells a child its settings.
const CONFIG: &str = "IT_SPLIT_CONFIG";
/// Longest wait for a node to serve or to end.
const WAIT_MAX: Duration = Duration::from_mins(1);

/// Not a test by itself: a node.
#[test]
#[expect(clippy::disallowed_methods, reason = "the parent names roles and settings by the environment")]
fn child() {
    let (Ok(roles), Ok(config)) = (std::env::var(ROLES), std::env::var(CONFIG)) else { return };
    let arguments = serve::Arguments {
        role: roles.split(',').map(ToOwned::to_owned).collect(),
        demo: false,
        place: place::Place { config: Some(PathBuf::from(config)), data: None },
        listen: Some(SocketAddr::from(([127, 0, 0, 1], 0))),
    };
    serve::run(&arguments, &mut std::io::stdout()).unwrap();
}

/// What all nodes share: a folder, databases, and the address of the registry.
pub(crate) struct Place {
    config: PathBuf,
    registry: u16,
    #[expect(dead_code, reason = "held for its drop, which removes the folder")]
    installation: Installation,
}

impl Place {
    /// Writes the settings of a split installation, whose nodes show each other who they are.
    pub(crate) fn of(installation: Installation) -> Self {
        Self::with(installation, "")
    }

    /// Writes those of one with these settings of the whole installation, too.
    pub(crate) fn with(installation: Installation, settings: &str) -> Self {
        Self::with_mesh(installation, settings, "")
    }

    /// Writes those of one with these settings of the mesh, too.
    pub(crate) fn with_mesh(installation: Installation, settings: &str, mesh: &str) -> Self {
        let registry = testkit::free_port();
        let config = installation.folder.join("fpms.toml");
        let shards = installation.settings.shards.iter();
        let shards: Vec<String> =
            shards.map(|shard| format!("{{ name = {:?}, url = {:?} }}", shard.name, shard.url)).collect();
        let text = format!(
            "data = {:?}\n{settings}[mesh]\nprotection = \"always\"\nregistry = \"127.0.0.1:{registry}\"\n{mesh}\n[gateway]\nlimits = []\n[storage]\nshards = [{}]\n[log]\nformat = \"json\"\n",
            installation.folder,
            shards.join(", ")
        );
        std::fs::write(&config, text).unwrap();
        Self { config, registry, installation }
    }

    /// Returns the port of the registry.
    pub(crate) fn registry(&self) -> u16 {
        self.registry
    }

    /// Returns what a command is called with to find the installation.
    pub(crate) fn flags(&self) -> place::Place {
        place::Place { config: Some(self.config.clone()), data: None }
    }

    /// Makes the demo's faculty before any node is there.
    pub(crate) async fn furnish(&self) -> Demo {
        let parts = self.parts();
        let demo = demo::prepare(&parts).await.unwrap();
        parts.shutdown.begin();
        parts.shutdown.drain(WAIT_MAX).await.unwrap();
        demo
    }

    /// Waits until the bus has an event for each of `wanted`: a type, and a piece of its data.
    pub(super) async fn hears(&self, wanted: &[(&str, &str)]) {
        let parts = self.parts();
        let bus = parts.bus().await.unwrap();
        let (mut after, mut heard) = (0, vec![false; wanted.len()]);
        let listen = async {
            while heard.contains(&false) {
                let page = bus.read(0, after, 100).await.unwrap();
                after = page.last().map_or(after, |delivery| delivery.sequence);
                for Envelope { event_type, data, .. } in page.iter().map(|delivery| &delivery.envelope) {
                    for (heard, (kind, piece)) in heard.iter_mut().zip(wanted) {
                        *heard |= event_type == kind && data.contains(piece);
                    }
                }
                if page.is_empty() {
                    // Another process publishes: asking is the condition that is waited for.
                    tokio::time::sleep(Duration::from_millis(25)).await;
                }
            }
        };
        let outcome = tokio::time::timeout(WAIT_MAX, listen).await;
        assert!(outcome.is_ok(), "of {wanted:?} the bus has {heard:?}");
        parts.shutdown.begin();
    }

    /// Returns parts with the settings of all nodes, of which none is a node.
    pub(crate) fn parts(&self) -> Parts {
        let sources = Sources { file: Some(self.config.clone()), ..Sources::default() };
        Parts::new(settings::load(&sources).unwrap().settings, Shutdown::new()).unwrap()
    }
}

/// A node, with what it has said; killed when dropped.
pub(crate) struct Node {
    process: Child,
    roles: String,
    said: watch::Receiver<Vec<String>>,
}

impl Node {
    /// Starts a node in these roles, between commas.
    pub(crate) fn start(place: &Place, roles: &str) -> Self {
        Self::start_with(place, roles, &[])
    }

    /// Starts one that has these settings of its own, as variables of its environment.
    pub(crate) fn start_with(place: &Place, roles: &str, settings: &[(&str, String)]) -> Self {
        let mut process = Command::new(std::env::current_exe().unwrap())
            .args(["role_split::nodes::child", "--exact", "--nocapture"])
            .env(ROLES, roles)
            .env(CONFIG, &place.config)
            .envs(settings.iter().map(|(name, value)| (*name, value)))
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let (say, said) = watch::channel(Vec::new());
        listen(process.stdout.take().unwrap(), say.clone());
        listen(process.stderr.take().unwrap(), say);
        Self { process, roles: roles.to_owned(), said }
    }

    /// Waits until every role of the node serves.
    pub(crate) async fn serves(&self) {
        for role in self.roles.split(',') {
            let started = format!("\"role.name\":\"{role}\"");
            self.says(|line| line.contains("role started") && line.contains(&started)).await;
        }
    }

    /// Waits until the node says where its gateway listens.
    pub(crate) async fn gateway(&mut self) -> String {
        let line = self.says(|line| line.contains("fpms serves on ")).await;
        line.split_once("fpms serves on ").unwrap().1.trim().to_owned()
    }

    /// Ends it as `kill -9` does.
    pub(crate) async fn kill(mut self) {
        self.process.kill().await.unwrap();
    }

    /// Lets it stand still, as a machine that swaps does.
    pub(crate) fn freeze(&self) {
        self.signal(Signal::STOP);
    }

    /// Lets it go on.
    pub(crate) fn thaw(&self) {
        self.signal(Signal::CONT);
    }

    fn signal(&self, signal: Signal) {
        let id = Pid::from_raw(i32::try_from(self.process.id().unwrap()).unwrap()).unwrap();
        kill_process(id, signal).unwrap();
    }

    /// Asks it to stop, and waits until it has.
    pub(crate) async fn stop(mut self) {
        self.signal(Signal::TERM);
        let ended = tokio::time::timeout(WAIT_MAX, self.process.wait()).await;
        let ended = ended.unwrap_or_else(|_| panic!("{} does not stop:\n{}", self.roles, self.log()));
        assert!(ended.as_ref().is_ok_and(ExitStatus::success), "{} ended by {ended:?}:\n{}", self.roles, self.log());
    }

    async fn says(&self, wanted: impl Fn(&str) -> bool) -> String {
        let mut said = self.said.clone();
        let heard = said.wait_for(|lines| lines.iter().any(|line| wanted(line)));
        let heard = tokio::time::timeout(WAIT_MAX, heard).await;
        let lines = match heard {
            Ok(Ok(lines)) => lines.clone(),
            _ => panic!("{} does not serve:\n{}", self.roles, self.log()),
        };
        lines.into_iter().find(|line| wanted(line)).unwrap()
    }

    fn log(&self) -> String {
        self.said.borrow().join("\n")
    }
}

/// Keeps what a node says until it is gone.
fn listen(pipe: impl AsyncRead + Unpin + Send + 'static, say: watch::Sender<Vec<String>>) {
    let kind = runtime::TaskKind::new("test-node-log", runtime::OnError::Log);
    runtime::spawn(kind, async move {
        let mut lines = BufReader::new(pipe).lines();
        while let Ok(Some(line)) = lines.next_line().await {
            say.send_modify(|said| said.push(line));
        }
        Ok::<_, std::io::Error>(())
    });
}

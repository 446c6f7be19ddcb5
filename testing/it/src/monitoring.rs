//! Prometheus, as Debian packs it, finds the nodes at the registry and reads their numbers.

use std::{
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

use serde_json::Value;
use testkit::{Client, Engine, Installation};
use tokio::net::TcpStream;

use crate::role_split::nodes::{Node, Place};

/// The token with which others than nodes may ask the registry.
const TOKEN: &str = "prometheus-may-ask-the-registry";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn prometheus_finds_the_nodes_at_the_registry_and_reads_their_numbers() {
    let Some(program) = testkit::program("prometheus") else { return };
    let installation = Installation::on(Engine::Sqlite).await.unwrap();
    let folder = installation.folder.clone();
    let place = Place::with_mesh(installation, "", &format!("consul_token = {TOKEN:?}"));
    let probed = |roles: &str| Node::start_with(&place, roles, &[("FPMS_PROBES", "127.0.0.1:0".to_owned())]);
    let front = probed("registry,gateway,console");
    let others = ["identity", "projects", "projects"].map(probed);
    for node in others.iter().chain([&front]) {
        node.serves().await;
    }
    let prometheus = Prometheus::start(&program, &folder, place.registry()).await;

    let wanted = ["console,gateway", "identity", "projects", "projects"];
    prometheus.sees("up", &wanted).await;
    prometheus.sees("fpms_registry_nodes{exported_service=\"projects\"} == 2", &["console,gateway"]).await;
    let [identity, first, second] = others;
    second.stop().await;
    prometheus.sees("up", &["console,gateway", "identity", "projects"]).await;
    for node in [identity, first, front] {
        node.stop().await;
    }
}

/// A Prometheus of our own; killed when dropped.
struct Prometheus {
    process: Child,
    log: PathBuf,
    client: Client,
}

impl Prometheus {
    /// Starts one that asks the registry at this port which nodes there are.
    async fn start(program: &Path, folder: &Path, registry: u16) -> Self {
        let config = folder.join("prometheus.yml");
        let text = format!(
            "global: {{ scrape_interval: 250ms, scrape_timeout: 250ms }}\n\
             scrape_configs:\n\
             - job_name: fpms\n  \
               http_sd_configs:\n  \
               - url: http://127.0.0.1:{registry}/sd/prometheus\n    \
                 refresh_interval: 250ms\n    \
                 authorization: {{ type: Bearer, credentials: {TOKEN} }}\n"
        );
        std::fs::write(&config, text).unwrap();
        let address = format!("127.0.0.1:{}", testkit::free_port());
        let flag = |name: &str, value: &str| format!("--{name}={value}");
        let log = folder.join("prometheus.log");
        let process = Command::new(program)
            .arg(flag("config.file", config.to_str().unwrap()))
            .arg(flag("storage.tsdb.path", folder.join("prometheus").to_str().unwrap()))
            .arg(flag("web.listen-address", &address))
            .stdout(Stdio::null())
            .stderr(std::fs::File::create(&log).unwrap())
            .spawn()
            .unwrap();
        let prometheus = Self { process, log, client: Client::new(&format!("http://{address}")) };
        while TcpStream::connect(&address).await.is_err() {
            // It listens when it does: asking is the condition that is waited for.
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        prometheus.client.get_until("/-/ready", 200).await;
        prometheus
    }

    /// Waits until a query's answer is a series above zero for each of these labels `service`, and no other.
    async fn sees(&self, query: &str, wanted: &[&str]) {
        let mut seen = Vec::new();
        for _ in 0..1_200 {
            let answer = self.client.submit("/api/v1/query", &[("query", query)]).await.expect(200).json();
            let series = answer["data"]["result"].as_array().unwrap();
            seen = series.iter().filter(|series| series["value"][1] != "0").map(service).collect();
            seen.sort();
            if seen == wanted {
                return;
            }
            // Prometheus comes round when it does: asking is the condition that is waited for.
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("{query}: {seen:?} instead of {wanted:?}\n{}", std::fs::read_to_string(&self.log).unwrap_or_default());
    }
}

impl Drop for Prometheus {
    fn drop(&mut self) {
        // Both fail only when it has ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn service(series: &Value) -> String {
    series["metric"]["service"].as_str().unwrap_or_default().to_owned()
}

//! `kill -9` of the whole process during writes: whatever was acknowledged is there afterwards (INV-7).

use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
    time::Duration,
};

use serde_json::json;
use testkit::{App, Client, Engine, Installation, PASSWORD};

/// Tells the child where its installation is; without it, the child's test does nothing.
const FOLDER: &str = "FPMS_IT_CRASH_FOLDER";
const COORDINATOR: &str = "coordinator@uni.example";
/// How often the process is killed. `cargo xtask bench durability` does it 50 times.
const KILLS: usize = 5;

/// Not a test by itself: the process that is killed.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[expect(clippy::disallowed_methods, reason = "the parent names the folder by the environment")]
async fn child() {
    let Ok(folder) = std::env::var(FOLDER) else { return };
    let app = App::start(Installation::in_folder(Path::new(&folder))).await;
    if app.parts.storage().await.unwrap().directory().tenants().is_empty() {
        let tenant = app.tenant("uni").await;
        app.person(tenant.id, COORDINATOR, "coordinator").await;
    }
    println!("\nlistening {}", app.url);
    std::future::pending::<()>().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_acknowledged_write_outlives_kill_9() {
    let installation = Installation::on(Engine::Sqlite).await.unwrap();
    let mut acknowledged = Vec::new();
    for round in 0..=KILLS {
        let (mut process, url) = start(&installation.folder);
        let client = Client::new(&url);
        client.sign_in(COORDINATOR, PASSWORD).await.expect(303);
        let kept = codes(&client).await;
        for code in &acknowledged {
            assert!(kept.contains(code), "{code} was acknowledged and is gone after kill {round}");
        }
        if round < KILLS {
            acknowledged.extend(write_until_killed(&client, &mut process, round).await);
        } else {
            process.kill().unwrap();
            process.wait().unwrap();
        }
    }
    assert!(acknowledged.len() > KILLS * 4, "only {} writes were acknowledged in all", acknowledged.len());
}

/// Writes from eight clients at once, kills the process in the middle, and returns what was acknowledged.
async fn write_until_killed(client: &Client, process: &mut Child, round: usize) -> Vec<String> {
    let writers = (0..8).map(|writer| {
        let client = client.clone();
        async move {
            let mut acknowledged = Vec::new();
            for n in 0.. {
                let code = format!("R{round}W{writer}N{n}");
                let programme = json!({"code": code, "title_en": code, "title_local": code});
                match client.try_post("/api/v1/programmes", &programme).await {
                    Some(201) => acknowledged.push(code),
                    Some(other) => panic!("status {other} for {code}"),
                    None => break,
                }
            }
            acknowledged
        }
    });
    let killer = async {
        tokio::time::sleep(Duration::from_millis(120 + 37 * round as u64)).await;
        process.kill().unwrap();
        process.wait().unwrap();
    };
    let (acknowledged, ()) = tokio::join!(futures_util::future::join_all(writers), killer);
    acknowledged.into_iter().flatten().collect()
}

async fn codes(client: &Client) -> Vec<String> {
    let list = client.get("/api/v1/programmes").await.expect(200).json();
    let items = list["items"].as_array().unwrap_or_else(|| panic!("{list}"));
    items.iter().map(|programme| programme["code"].as_str().unwrap().to_owned()).collect()
}

/// Starts this very test binary again, as the process to be killed, and returns where it listens.
fn start(folder: &Path) -> (Child, String) {
    let mut process = Command::new(std::env::current_exe().unwrap())
        .args(["crash::child", "--exact", "--nocapture"])
        .env(FOLDER, folder)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let lines = BufReader::new(process.stdout.take().unwrap()).lines();
    let url = lines.map_while(Result::ok).find_map(|line| line.strip_prefix("listening ").map(ToOwned::to_owned));
    (process, url.expect("the child says where it listens"))
}

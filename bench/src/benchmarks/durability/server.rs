//! The whole server, killed while topics are created through its API, each with an Idempotency-Key.
//!
//! After each restart every topic that was acknowledged must be there, and a repetition of the last request of each
//! connection must have one effect, whether its answer had come or not.

use std::{collections::HashSet, net::SocketAddr, sync::Arc, time::Duration};

use ::http::StatusCode;
use anyhow::{Context, Result, ensure};
use parking_lot::Mutex;
use runtime::{OnError, TaskKind};
use serde_json::json;
use tokio::time;

use super::{KILLS, life};
use crate::{
    benchmarks::desk::{Desk, items, new_key, text},
    figures::figure,
    http::{Ask, Connection},
    installation,
    server::Place,
};

const WRITERS: usize = 4;
const WRITER: TaskKind = TaskKind::new("durability-http", OnError::Log);

/// A topic that somebody asks for: its title is its key, so that it can be found again.
#[derive(Clone)]
struct Wish {
    key: String,
    /// Set when the server has said so.
    id: Option<String>,
}

/// Kills the server so many times and checks after each.
pub(super) async fn survive() -> Result<()> {
    let (place, ambient) = (Place::new()?, installation::ambient());
    let mut server = place.serve().await?;
    let mut desk = Desk::open(&place).await?;
    let token = desk.coordinator(&server).await?;
    let cycles = desk.get("/api/v1/cycles", &token).await?;
    let cycle = text(items(&cycles).first().context("no cycle")?, "id")?;
    let topics = desk.get("/api/v1/topics?limit=1", &token).await?;
    let topic = items(&topics).first().context("no topic")?;
    let supervisor = text(topic.get("supervisor").context("no supervisor")?, "id")?;
    let writers = Writers { address: place.address, token, cycle, supervisor };
    let (mut acknowledged, mut unanswered, mut lost, mut doubled) = (0, 0, 0, 0);
    for _ in 0..KILLS {
        let wishes = Arc::new(Mutex::new(Vec::new()));
        let tasks: Vec<_> =
            (0..WRITERS).map(|_| runtime::spawn(WRITER, writers.clone().write(Arc::clone(&wishes)))).collect();
        time::sleep(life(&ambient) + Duration::from_millis(30)).await;
        server.kill().await?;
        futures_util::future::join_all(tasks).await;
        server = place.serve().await?;
        let wishes = std::mem::take(&mut *wishes.lock());
        let round = writers.check(&wishes).await?;
        acknowledged += round.acknowledged;
        unanswered += wishes.len() - round.acknowledged;
        lost += round.lost;
        doubled += round.doubled;
    }
    server.kill().await?;
    println!(
        "server: {KILLS} kills, {acknowledged} topics acknowledged, {lost} lost; {unanswered} repeated after the kill, {doubled} doubled"
    );
    figure("durability.server_kills", KILLS);
    figure("durability.server_acknowledged", acknowledged);
    figure("durability.server_lost", lost);
    figure("durability.server_doubled", doubled);
    ensure!(lost + doubled == 0, "the server lost or doubled topics");
    Ok(())
}

#[derive(Clone)]
struct Writers {
    address: SocketAddr,
    token: String,
    cycle: String,
    supervisor: String,
}

#[derive(Default)]
struct Round {
    acknowledged: usize,
    lost: usize,
    doubled: usize,
}

impl Writers {
    fn ask(&self, key: &str) -> Ask {
        let body = json!({
            "cycle": self.cycle, "supervisor": self.supervisor, "title_en": format!("Topic {key}"), "capacity": 1,
        });
        Ask::post("/api/v1/topics", &body).by(&self.token).with("idempotency-key", key)
    }

    /// Creates topics one after the other until the server is gone.
    async fn write(self, wishes: Arc<Mutex<Vec<Wish>>>) {
        let Ok(mut connection) = Connection::open(self.address).await else { return };
        loop {
            let key = new_key();
            let place = {
                let mut wishes = wishes.lock();
                wishes.push(Wish { key: key.clone(), id: None });
                wishes.len() - 1
            };
            // Whatever is not a whole answer is none: the server may be dying.
            let Ok(answer) = connection.send(&self.ask(&key)).await else { return };
            let id = answer.expect(StatusCode::CREATED).and_then(|answer| text(&answer.json()?, "id"));
            let Ok(id) = id else { return };
            if let Some(wish) = wishes.lock().get_mut(place) {
                wish.id = Some(id);
            }
        }
    }

    /// Looks for what was acknowledged, and repeats what was not answered.
    async fn check(&self, wishes: &[Wish]) -> Result<Round> {
        let mut connection = Connection::open(self.address).await?;
        let mut round = Round::default();
        for wish in wishes {
            if let Some(id) = &wish.id {
                round.acknowledged += 1;
                let answer = connection.send(&Ask::get(format!("/api/v1/topics/{id}")).by(&self.token)).await?;
                round.lost += usize::from(answer.status != StatusCode::OK);
            } else {
                let answer = connection.send(&self.ask(&wish.key)).await?;
                answer.expect(StatusCode::CREATED).context("a repetition")?;
            }
            let path = format!("/api/v1/topics?cycle={}&q={}", self.cycle, wish.key);
            let found = connection.send(&Ask::get(path).by(&self.token)).await?.expect(StatusCode::OK)?.json()?;
            let ids: HashSet<&str> = items(&found).iter().filter_map(|topic| topic.get("id")?.as_str()).collect();
            round.doubled += ids.len().saturating_sub(1);
            round.lost += usize::from(ids.is_empty());
        }
        Ok(round)
    }
}

//! A small stream of requests: pages by a session, reads by a token, writes by both; and what of them failed.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use futures_util::future::join_all;
use reqwest::{Method, RequestBuilder};
use serde_json::json;
use testkit::Client;
use tokio::sync::watch;

use super::fleet::Fleet;

/// Requests under way at once.
const AT_ONCE: usize = 3;
/// Answers that must have come after each change, before it counts as survived: many times every kind of request by every node.
const ANSWERS_AFTER: usize = 60;

/// Who asks.
pub(super) struct Visitors {
    /// Somebody signed in by a cookie.
    pub(super) session: Client,
    /// A program without one.
    pub(super) program: Client,
    /// What the program shows.
    pub(super) token: String,
}

/// Requests without a pause.
pub(super) struct Traffic<'a> {
    fleet: &'a Fleet<'a>,
    visitors: &'a Visitors,
    answered: watch::Sender<usize>,
    turn: AtomicUsize,
    ended: AtomicBool,
}

impl<'a> Traffic<'a> {
    /// Sends requests for as long as `change` takes, and returns those that failed.
    pub(super) async fn during(
        fleet: &'a Fleet<'a>,
        visitors: &'a Visitors,
        change: impl AsyncFnOnce(&Self),
    ) -> Vec<String> {
        let (answered, turn, ended) = (watch::Sender::new(0), AtomicUsize::new(0), AtomicBool::new(false));
        let traffic = Self { fleet, visitors, answered, turn, ended };
        let change = async {
            change(&traffic).await;
            traffic.ended.store(true, Ordering::Relaxed);
        };
        let (failed, ()) = tokio::join!(join_all((0..AT_ONCE).map(|_| traffic.ask())), change);
        failed.concat()
    }

    /// Starts the nodes again one after the other, each change under as many answers.
    pub(super) async fn over_a_rolling_restart(&self) {
        for node in 0..2 {
            self.answers().await;
            self.fleet.restart(node).await;
        }
        self.answers().await;
    }

    async fn answers(&self) {
        let mut answered = self.answered.subscribe();
        let until = *answered.borrow() + ANSWERS_AFTER;
        answered.wait_for(|count| *count >= until).await.unwrap();
    }

    async fn ask(&self) -> Vec<String> {
        let mut failed = Vec::new();
        while !self.ended.load(Ordering::Relaxed) {
            let turn = self.turn.fetch_add(1, Ordering::Relaxed);
            let gateway = self.fleet.gateway(turn).await;
            let (name, request, expected) = self.request(turn, &gateway);
            let outcome = match request.send().await {
                Ok(answer) => (answer.status().as_u16(), answer.text().await.unwrap_or_else(|error| error.to_string())),
                Err(error) => (0, format!("{error:?}")),
            };
            drop(gateway);
            if outcome.0 != expected {
                failed.push(format!("{name}: {outcome:?}"));
            }
            self.answered.send_modify(|count| *count += 1);
        }
        failed
    }

    /// Returns what is asked for in this turn. Each kind goes to each gateway in its turn.
    fn request(&self, turn: usize, gateway: &str) -> (&'static str, RequestBuilder, u16) {
        let Visitors { session, program, token } = self.visitors;
        let (session, program) = (session.at(gateway), program.at(gateway));
        let code = format!("X{turn}");
        let programme = json!({ "code": code, "title_en": code, "title_local": code });
        match turn / 2 % 4 {
            0 => ("page by session", session.request(Method::GET, "/topics"), 200),
            1 => ("read by token", program.request(Method::GET, "/api/v1/projects?limit=5").bearer_auth(token), 200),
            2 => ("write by session", session.request(Method::POST, "/api/v1/programmes").json(&programme), 201),
            _ => (
                "write by token",
                program.request(Method::POST, "/api/v1/programmes").json(&programme).bearer_auth(token),
                201,
            ),
        }
    }
}

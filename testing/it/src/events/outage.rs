//! NATS away at the start, and killed in the middle of everything: events wait in the outbox, and none is lost or doubled.

use std::{sync::Arc, time::Duration};

use messaging::{Error, JetStream, outbox};
use runtime::Shutdown;
use testkit::{Engine, Installation, NatsServer};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::TcpStream,
};

use super::delivery::House;

/// How often the server is killed while events flow.
const KILLS: usize = 3;
const EVENTS_PER_KILL: usize = 150;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_lost_when_the_server_is_away_at_the_start_and_killed_again_and_again() {
    let Some(mut server) = NatsServer::new() else { return };
    let installation = Installation::on(Engine::Sqlite).await.unwrap();
    let shutdown = Shutdown::new();
    let bus = Arc::new(JetStream::connect(server.settings(), &shutdown).await.unwrap());
    let house = House::over(&installation.storage().await, bus).await;

    house.paint(1, &["first"]).await;
    assert!(matches!(house.messaging.drain().await, Err(Error::Bus(_))));
    assert_eq!(outbox::depth(&house.painter, 0).await.unwrap().events, 1);

    house.messaging.start(&shutdown);
    server.start();
    let mut expected = vec!["1first".to_owned()];
    arrived(&house, &expected).await;
    for round in 0..KILLS {
        for n in 0..EVENTS_PER_KILL {
            let colour = format!("r{round}n{n}");
            house.paint(1, &[&colour]).await;
            expected.push(format!("1{colour}"));
            if n == EVENTS_PER_KILL / 2 {
                server.kill();
            }
        }
        server.start();
    }
    arrived(&house, &expected).await;
    assert_eq!(outbox::depth(&house.painter, 0).await.unwrap().events, 0);
    shutdown.drain(Duration::from_secs(10)).await.unwrap();
}

/// As a command does, which is started, publishes and ends.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_published_before_the_first_connection_stands_waits_for_it() {
    let Some(mut server) = NatsServer::new() else { return };
    let installation = Installation::on(Engine::Sqlite).await.unwrap();
    server.start();
    let bus = Arc::new(JetStream::connect(server.settings(), &Shutdown::new()).await.unwrap());
    let house = House::over(&installation.storage().await, bus).await;
    house.paint(1, &["first"]).await;
    house.messaging.drain().await.unwrap();
    assert_eq!(house.seen(), ["1first"]);
}

/// Whoever may write to NATS may write anything; what comes after it is handled all the same.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_that_is_no_event_keeps_nobody_from_what_comes_after_it() {
    let Some(mut server) = NatsServer::new() else { return };
    let installation = Installation::on(Engine::Sqlite).await.unwrap();
    server.start();
    let settings = server.settings();
    let bus = Arc::new(JetStream::connect(settings.clone(), &Shutdown::new()).await.unwrap());
    let house = House::over(&installation.storage().await, bus).await;
    let subject = format!("{}.events.0.anybody.painted", settings.prefix);
    house.paint(1, &["first"]).await;
    house.messaging.drain().await.unwrap();
    for _ in 0..3 {
        foreign(&settings.url, &subject).await;
    }
    // Alone at the end of the stream, and before an event.
    house.messaging.drain().await.unwrap();
    foreign(&settings.url, &subject).await;
    house.paint(1, &["second"]).await;
    house.messaging.drain().await.unwrap();
    assert_eq!(house.seen(), ["1first", "1second"]);
}

/// Publishes what is no event, in the words of NATS's own protocol.
async fn foreign(url: &str, subject: &str) {
    let mut server = TcpStream::connect(url.trim_start_matches("nats://")).await.unwrap();
    server.write_all(format!("CONNECT {{}}\r\nPUB {subject} 3\r\nzzz\r\nPING\r\n").as_bytes()).await.unwrap();
    let mut said = String::new();
    let mut lines = BufReader::new(server);
    while !said.contains("PONG") {
        assert!(lines.read_line(&mut said).await.unwrap() > 0, "{said}");
    }
}

#[tokio::test]
async fn an_address_that_is_none_is_an_error_at_once() {
    let Some(server) = NatsServer::new() else { return };
    let settings = messaging::bus::nats::Settings { url: "nats://[".to_owned(), ..server.settings() };
    assert!(matches!(JetStream::connect(settings, &Shutdown::new()).await, Err(Error::Bus(_))));
}

async fn arrived(house: &House, expected: &[String]) {
    let all = async {
        while house.seen().len() < expected.len() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    let in_time = tokio::time::timeout(Duration::from_mins(1), all).await;
    assert!(in_time.is_ok(), "{} of {} arrived", house.seen().len(), expected.len());
    assert_eq!(house.seen(), expected);
}

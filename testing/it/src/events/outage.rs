//! NATS away at the start, and killed in the middle of everything: events wait in the outbox, and none is lost or doubled.

use std::{sync::Arc, time::Duration};

use messaging::{Error, JetStream, outbox};
use runtime::Shutdown;
use testkit::{Engine, Installation, NatsServer};

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

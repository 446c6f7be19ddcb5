//! Leases on paused time, and what a watcher is told.

use super::*;
use crate::{NodeId, Route};

fn node(id: u128, port: u16) -> Node {
    Node::new(NodeId::from_u128(id), "shop", ([127, 0, 0, 1], port).into()).routes([Route::new("/shop")])
}

fn started() -> (Arc<Registry>, Shutdown) {
    let (registry, shutdown) = (Registry::new(Settings::default()), Shutdown::new());
    registry.start(&shutdown);
    (registry, shutdown)
}

#[tokio::test(start_paused = true)]
async fn a_node_stays_while_it_renews_and_goes_when_it_stops() {
    let (registry, _shutdown) = started();
    registry.register(&node(1, 80)).await.unwrap();
    for _ in 0..10 {
        tokio::time::sleep(Duration::from_secs(2)).await;
        assert!(registry.renew(&[node(1, 80).key()]).await.unwrap().is_empty());
    }
    assert_eq!(registry.nodes().len(), 1);
    tokio::time::sleep(Duration::from_secs(7)).await;
    assert!(registry.nodes().is_empty());
    assert_eq!(registry.renew(&[node(1, 80).key()]).await.unwrap(), [node(1, 80).key()]);
}

#[tokio::test(start_paused = true)]
async fn a_watcher_is_told_of_comings_and_goings_at_once() {
    let (registry, _shutdown) = started();
    let first = registry.watch(None).await.unwrap();
    assert!(first.complete && first.nodes.is_empty());
    let begun = Instant::now();
    let (changes, _) = tokio::join!(registry.watch(Some(first.version)), async {
        tokio::time::sleep(Duration::from_millis(5)).await;
        registry.register(&node(1, 80)).await
    });
    let changes = changes.unwrap();
    assert_eq!(begun.elapsed(), Duration::from_millis(5));
    assert!(!changes.complete);
    assert_eq!(*changes.nodes[0], node(1, 80).into());
    registry.deregister(&node(1, 80).key()).await.unwrap();
    let last = registry.watch(Some(changes.version)).await.unwrap();
    assert_eq!((last.nodes.len(), last.gone), (0, vec![node(1, 80).key()]));
}

#[tokio::test(start_paused = true)]
async fn a_watcher_is_answered_in_the_end_when_nothing_changes() {
    let (registry, _shutdown) = started();
    let begun = Instant::now();
    let changes = registry.watch(Some(registry.changes(None).version)).await.unwrap();
    assert_eq!(begun.elapsed(), WATCH_MAX);
    assert!(!changes.complete && changes.nodes.is_empty() && changes.gone.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_version_of_another_run_or_a_forgotten_one_gets_everything() {
    let (registry, _shutdown) = started();
    registry.register(&node(1, 80)).await.unwrap();
    let version = registry.changes(None).version;
    let foreign = Version { incarnation: version.incarnation ^ 1, ..version };
    assert!(registry.changes(Some(foreign)).complete);
    for round in 0..=catalogue::GONE_MAX as u128 {
        registry.register(&node(round + 2, 81)).await.unwrap();
        registry.deregister(&node(round + 2, 81).key()).await.unwrap();
    }
    assert!(registry.changes(Some(version)).complete);
}

#[tokio::test(start_paused = true)]
async fn an_address_is_its_holders_until_it_misses_a_renewal() {
    let (registry, _shutdown) = started();
    registry.register(&node(1, 80)).await.unwrap();
    let taken = registry.register(&node(2, 80)).await.unwrap_err();
    assert!(matches!(&taken, Error::AddressTaken { holder, .. } if *holder == node(1, 80).key()), "{taken:?}");
    assert_eq!(registry.nodes(), [Arc::new(node(1, 80))]);
    tokio::time::sleep(Duration::from_millis(3_500)).await;
    registry.register(&node(2, 80)).await.unwrap();
    assert_eq!(registry.nodes(), [Arc::new(node(2, 80))]);
}

#[tokio::test(start_paused = true)]
async fn when_most_processes_fall_silent_at_once_they_are_kept_a_while_and_it_is_told() {
    let (registry, _shutdown) = started();
    let mut events = registry.events();
    for id in 1..=4 {
        registry.register(&node(id, 80 + id as u16)).await.unwrap();
    }
    let renewing = async {
        loop {
            registry.renew(&[node(1, 81).key()]).await.unwrap();
            tokio::time::sleep(Duration::from_secs(2)).await;
        }
    };
    let watching = async {
        tokio::time::sleep(Duration::from_mins(1)).await;
        assert_eq!(registry.nodes().len(), 4);
        tokio::time::sleep(guard::KEPT_MAX).await;
        assert_eq!(registry.nodes(), [Arc::new(node(1, 81))]);
    };
    tokio::select! { () = renewing => {}, () = watching => {} }
    let told: Vec<_> = std::iter::from_fn(|| events.try_recv().ok()).map(|event| event.kind).collect();
    let (joined, expired) = ([EventKind::Joined; 4], [EventKind::Expired; 3]);
    let preserved = [EventKind::PreservationBegan, EventKind::PreservationEnded];
    assert_eq!(told, [&joined[..], &preserved, &expired].concat());
}

#[tokio::test(start_paused = true)]
async fn registering_again_without_a_change_is_a_renewal() {
    let (registry, _shutdown) = started();
    registry.register(&node(1, 80)).await.unwrap();
    let version = registry.changes(None).version;
    registry.register(&node(1, 80)).await.unwrap();
    assert_eq!(registry.changes(None).version, version);
    assert!(registry.register(&Node { service: "Bad Name".to_owned(), ..node(1, 80) }).await.is_err());
}

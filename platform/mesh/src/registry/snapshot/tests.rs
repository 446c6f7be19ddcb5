//! Written, read, and not believed when broken.

use std::net::Ipv4Addr;

use runtime::Shutdown;
use tempfile::TempDir;
use tokio::net::TcpListener;

use super::*;
use crate::{
    NodeId,
    registry::{Authority, Settings},
};

fn place() -> (TempDir, Snapshot) {
    let folder = tempfile::tempdir().unwrap();
    let snapshot = Snapshot::new(folder.path().join("registry").join("snapshot.json"));
    (folder, snapshot)
}

async fn node(id: u128) -> (TcpListener, Node) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let node = Node::new(NodeId::from_u128(id), "shop", listener.local_addr().unwrap());
    (listener, node)
}

#[tokio::test]
async fn a_registry_that_restarts_knows_who_still_listens() {
    let (_folder, snapshot) = place();
    let ((_kept, alive), (closed, dead)) = (node(1).await, node(2).await);
    snapshot.store(&[Arc::new(alive.clone()), Arc::new(dead)], &[]).unwrap();
    drop(closed);
    let (registry, shutdown) = (Registry::new(Settings::default()), Shutdown::new());
    registry.persist(snapshot, &shutdown).await;
    assert_eq!(registry.nodes(), [Arc::new(alive.clone())]);
    assert!(registry.renew(&[alive.key()]).await.unwrap().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_change_is_written_by_itself() {
    let (_folder, snapshot) = place();
    let (registry, shutdown) = (Registry::new(Settings::default()), Shutdown::new());
    registry.persist(snapshot.clone(), &shutdown).await;
    let (_listener, node) = node(1).await;
    registry.register(&node).await.unwrap();
    // Time stands while the file is being written.
    sleep(GATHER * 2).await;
    assert_eq!(snapshot.load().0, [node]);
}

#[test]
fn a_broken_or_foreign_file_is_put_aside() {
    for text in ["", "{", r#"{"form":2,"nodes":[]}"#, r#"{"form":1,"nodes":[{"id":1}]}"#] {
        let (folder, snapshot) = place();
        snapshot.store(&[], &[]).unwrap();
        let file = folder.path().join("registry").join("snapshot.json");
        fs::write(&file, text).unwrap();
        assert!(snapshot.load().0.is_empty(), "{text}");
        assert!(!file.exists() && file.with_extension("broken").exists(), "{text}");
    }
}

//! What outsiders read, and when they are woken.

use std::time::Duration;

use http_body_util::BodyExt;
use tokio::time::Instant;

use super::*;
use crate::{
    NodeId,
    registry::{Authority, Settings},
};

fn node(id: u128, service: &str) -> Node {
    let port = 1_000 + u16::try_from(id).unwrap();
    let mut node = Node::new(NodeId::from_u128(id), service, ([127, 0, 0, 1], port).into());
    node.metadata.insert("tags".to_owned(), "a, b".to_owned());
    node
}

async fn get(registry: &Registry, uri: &str) -> (u64, Value) {
    let response = answer(registry, &uri.parse().unwrap()).await.unwrap();
    assert_eq!(response.status(), StatusCode::OK, "{uri}");
    let index = response.headers()["x-consul-index"].to_str().unwrap().parse().unwrap();
    let body = response.into_body().collect().await.unwrap().to_bytes();
    (index, serde_json::from_slice(&body).unwrap())
}

async fn registry() -> Arc<Registry> {
    let registry = Registry::new(Settings::default());
    for (id, service) in [(1, "shop"), (2, "shop"), (3, "bank")] {
        registry.register(&node(id, service)).await.unwrap();
    }
    registry
}

#[tokio::test(start_paused = true)]
async fn services_and_their_nodes_are_shown_as_consul_does() {
    let registry = registry().await;
    assert_eq!(get(&registry, "/v1/agent/self").await.1["Config"]["Datacenter"], DATACENTER);
    assert_eq!(get(&registry, "/v1/catalog/services").await.1, json!({ "bank": ["a", "b"], "shop": ["a", "b"] }));
    let (_, shop) = get(&registry, "/v1/health/service/shop?tag=a&stale=").await;
    assert_eq!(shop.as_array().unwrap().len(), 2);
    assert_eq!(shop[0]["Service"]["Port"], 1_001);
    assert_eq!(shop[0]["Checks"][0]["Status"], "passing");
    for empty in ["/v1/health/service/shop?tag=c", "/v1/catalog/service/none"] {
        assert_eq!(get(&registry, empty).await.1, json!([]), "{empty}");
    }
    let bank = json!([{ "targets": ["127.0.0.1:1003"], "labels": { "service": "bank" } }]);
    assert_eq!(get(&registry, "/sd/prometheus?service=bank").await.1, bank);
}

#[tokio::test(start_paused = true)]
async fn a_query_blocks_until_its_own_service_changes_or_its_time_is_over() {
    let registry = registry().await;
    let (index, _) = get(&registry, "/v1/health/service/shop").await;
    let blocking = format!("/v1/health/service/shop?wait=2s&index={index}");
    let begun = Instant::now();
    let elsewhere = async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        registry.register(&node(4, "bank")).await.unwrap();
    };
    let ((same, _), ()) = tokio::join!(get(&registry, &blocking), elsewhere);
    assert_eq!((same, begun.elapsed()), (index, Duration::from_secs(2)));
    let begun = Instant::now();
    let leaves = async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        registry.deregister(&node(2, "shop").key()).await.unwrap();
    };
    let ((next, shop), ()) = tokio::join!(get(&registry, &blocking), leaves);
    assert_eq!((begun.elapsed(), shop.as_array().unwrap().len()), (Duration::from_secs(1), 1));
    assert!(next > index);
}

#[tokio::test]
async fn what_is_wrong_is_said_and_other_paths_are_not_ours() {
    let registry = registry().await;
    let status =
        async |uri: &str| answer(&registry, &uri.parse().unwrap()).await.map(|answer| answer.status().as_u16());
    assert_eq!(status("/v1/catalog/services?index=x").await, Some(400));
    assert_eq!(status("/v1/catalog/services?dc=elsewhere").await, Some(500));
    assert_eq!(status("/v1/kv/a").await, None);
    assert_eq!(status("/mesh/v1/watch").await, None);
}

//! What outsiders read, and when they are woken.

use std::{sync::Arc, time::Duration};

use http_body_util::BodyExt;
use tokio::time::Instant;

use super::*;
use crate::{
    Node, NodeId,
    node::Tenure,
    registry::{Authority, Settings, pairs, standing::Mode},
};

fn node(id: u128, service: &str) -> Node {
    let port = 1_000 + u16::try_from(id).unwrap();
    let mut node = Node::new(NodeId::from_u128(id), service, ([127, 0, 0, 1], port).into());
    // The processes of the first two are one, the third's answers no probes.
    node = node.probed_at((id != 3).then(|| ([127, 0, 0, 1], 9_000).into()));
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
    let office = Node::new(NodeId::from_u128(1), "office", ([127, 0, 0, 1], 1_009).into());
    registry.register(&office).await.unwrap();
    let machines = get(&registry, "/v1/catalog/nodes").await.1;
    assert_eq!(machines.as_array().unwrap().len(), 3, "a process with two services is one");
    let (_, first) = get(&registry, &format!("/v1/catalog/node/{}", NodeId::from_u128(1))).await;
    let services: Vec<_> = first["Services"].as_object().unwrap().values().map(|one| one["Service"].clone()).collect();
    assert_eq!((&first["Node"]["Address"], services), (&json!("127.0.0.1"), vec![json!("office"), json!("shop")]));
    assert_eq!(get(&registry, "/v1/catalog/node/none").await.1, Value::Null);
    for empty in ["/v1/health/service/shop?tag=c", "/v1/catalog/service/none"] {
        assert_eq!(get(&registry, empty).await.1, json!([]), "{empty}");
    }
}

#[tokio::test(start_paused = true)]
async fn prometheus_is_led_to_each_process_once_and_to_others_services() {
    let registry = registry().await;
    let office = Node::new(NodeId::from_u128(1), "office", ([127, 0, 0, 1], 1_004).into());
    registry.register(&office.probed_at(Some(([127, 0, 0, 1], 9_000).into()))).await.unwrap();
    registry.register(&standing(5, "printer")).await.unwrap();
    let group = |target: &str, service: &str| json!({ "targets": [target], "labels": { "service": service } });
    let (ours, other) = (group("127.0.0.1:9000", "office,shop"), group("127.0.0.1:1005", "printer"));
    assert_eq!(get(&registry, "/sd/prometheus").await.1, json!([other, ours]));
    assert_eq!(get(&registry, "/sd/prometheus?service=shop").await.1, json!([ours]));
    assert_eq!(get(&registry, "/sd/prometheus?service=bank").await.1, json!([]));
}

/// A service that somebody registered by Consul's API.
fn standing(id: u128, service: &str) -> Node {
    let mut node = node(id, service);
    node.metadata.clear();
    Node { tenure: Tenure::Standing { critical_ms_max: None }, ..node }
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
    assert_eq!(status("/v1/query/a").await, None);
    assert_eq!(status("/v1/kv/a").await, Some(404));
    assert_eq!(status("/v1/kv/a%ff").await, Some(400));
    assert_eq!(status("/mesh/v1/watch").await, None);
}

#[test]
fn a_token_comes_in_a_header_or_in_the_query_of_a_path_of_consuls() {
    let token = |request: http::request::Builder| token(&request.body(()).unwrap());
    let shown = Some(b"se cret".to_vec());
    assert_eq!(token(Request::get("/v1/kv/a?raw&token=other").header(TOKEN, "se cret")), shown);
    assert_eq!(token(Request::get("/v1/kv/a?raw&token=se%20cret")), shown);
    assert_eq!((token(Request::get("/v1/kv/a?raw")), token(Request::get("/mesh/v1/watch?token=a"))), (None, None));
}

async fn send(registry: &Registry, uri: &str, body: &str) -> (u16, String) {
    let peer = [10, 0, 0, 9].into();
    told(change(registry, &Method::PUT, &uri.parse().unwrap(), (body.as_bytes(), peer)).await.unwrap()).await
}

async fn told(response: Response<Full<Bytes>>) -> (u16, String) {
    let status = response.status().as_u16();
    (status, String::from_utf8(response.into_body().collect().await.unwrap().to_bytes().to_vec()).unwrap())
}

/// What Consul's Go client 1.29 sends for a service with a check that waits for a word.
const WEB: &str = r#"{"ID":"Web-1","Name":"web","Tags":["blue","v2"],"Port":8080,"Address":"","Meta":{"team":"a"},
    "Weights":{"Passing":3,"Warning":1},"EnableTagOverride":false,"Checks":null,"Proxy":null,"Connect":null,
    "Check":{"TTL":"10s","DeregisterCriticalServiceAfter":"90s","Header":null,"SkipVerify":false}}"#;

#[tokio::test(start_paused = true)]
async fn a_service_enters_says_how_it_is_and_leaves_and_watchers_see_it() {
    let registry = registry().await;
    let shutdown = runtime::Shutdown::new();
    registry.start(&shutdown);
    let (index, none) = get(&registry, "/v1/health/service/web").await;
    assert_eq!(none, json!([]));
    let blocking = format!("/v1/health/service/web?index={index}");
    let (woken, sent) = tokio::join!(get(&registry, &blocking), send(&registry, "/v1/agent/service/register", WEB));
    assert_eq!((sent.0, woken.1[0]["Checks"][0]["Status"].as_str()), (200, Some("critical")));
    let web = &woken.1[0]["Service"];
    assert_eq!(
        (&web["ID"], &web["Address"], &web["Weights"]["Passing"]),
        (&json!("Web-1"), &json!("10.0.0.9"), &json!(3))
    );
    assert_eq!((&web["Tags"], &web["Meta"]), (&json!(["blue", "v2"]), &json!({ "team": "a", "weight": "3" })));
    assert_eq!(get(&registry, "/v1/health/service/web?passing=1").await.1, json!([]));
    assert_eq!(send(&registry, "/v1/agent/check/pass/service:Web-1?note=all%20well", "").await.0, 200);
    let (_, passing) = get(&registry, "/v1/health/service/web?passing").await;
    assert_eq!(passing[0]["Checks"][0]["Output"], "all well");
    let update = r#"{"Status":"warning","Output":"disk"}"#;
    assert_eq!(send(&registry, "/v1/agent/check/update/service:Web-1", update).await.0, 200);
    assert_eq!(get(&registry, "/v1/agent/checks").await.1["service:Web-1"]["Status"], "warning");
    assert_eq!(get(&registry, "/v1/health/state/warning").await.1[0]["Output"], "disk");
    assert_eq!(send(&registry, "/v1/agent/service/deregister/Web-1", "").await.0, 200);
    assert_eq!(get(&registry, "/v1/catalog/service/web").await.1, json!([]));
}

#[tokio::test(start_paused = true)]
async fn a_service_whose_word_fails_is_passed_over_and_taken_out_when_nobody_comes_back() {
    let registry = registry().await;
    let shutdown = runtime::Shutdown::new();
    registry.start(&shutdown);
    send(&registry, "/v1/agent/service/register", WEB).await;
    send(&registry, "/v1/agent/check/pass/service:Web-1", "").await;
    let checks = async || get(&registry, "/v1/health/checks/web").await.1;
    tokio::time::sleep(Duration::from_secs(9)).await;
    assert_eq!(checks().await[0]["Status"], "passing");
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(checks().await[0]["Status"], "critical");
    tokio::time::sleep(Duration::from_secs(91)).await;
    assert_eq!(checks().await, json!([]));
}

#[tokio::test(start_paused = true)]
async fn maintenance_is_set_by_an_operator_and_shown_as_a_check() {
    let registry = registry().await;
    let id = format!("shop-{}", node(1, "shop").id);
    let maintenance = format!("/v1/agent/service/maintenance/{id}");
    assert_eq!(send(&registry, &format!("{maintenance}?enable=true&reason=new+disk"), "").await.0, 200);
    assert_eq!(registry.members().iter().filter(|member| member.standing.order.mode == Mode::Maintenance).count(), 1);
    let (_, critical) = get(&registry, "/v1/health/state/critical").await;
    assert_eq!((&critical[0]["Output"], &critical[0]["ServiceID"]), (&json!("new disk"), &json!(id)));
    assert_eq!(get(&registry, "/v1/health/service/shop?passing").await.1.as_array().unwrap().len(), 1);
    assert_eq!(send(&registry, &format!("{maintenance}?enable=false"), "").await.0, 200);
    assert_eq!(get(&registry, "/v1/health/service/shop?passing").await.1.as_array().unwrap().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_entered_is_refused_with_the_reason() {
    let registry = registry().await;
    for (body, status, reason) in [
        ("{", 400, "Request decode failed"),
        (r#"{"Name":""}"#, 400, "Missing service name"),
        (r#"{"Name":"web","Port":0}"#, 400, "is not an address"),
        (r#"{"Name":"Web_A","Port":1}"#, 400, "is not the name of a service"),
        (r#"{"Name":"web","Port":1,"Address":"example.org"}"#, 400, "is not an IP address"),
        (r#"{"Name":"web","Port":1,"Kind":"connect-proxy"}"#, 400, "typical kind"),
        (r#"{"Name":"web","Port":1,"Check":{"GRPC":"a:1","Interval":"1s"}}"#, 400, "`GRPC` are not offered"),
        (r#"{"Name":"web","Port":1,"Check":{"HTTP":"https://a/","Interval":"1s"}}"#, 400, "not an http:// address"),
        (r#"{"Name":"web","Port":1,"Check":{"HTTP":"http://a/"}}"#, 400, "Interval must be"),
        (r#"{"Name":"web","Port":1,"Check":{"HTTP":"http://a/","TCP":"a:1","Interval":"1s"}}"#, 400, "one of HTTP"),
        (r#"{"Name":"web","Port":1,"Check":{"TTL":"soon"}}"#, 400, "not a duration"),
        (r#"{"Name":"web","Port":1001,"Address":"127.0.0.1"}"#, 409, "is held by shop"),
    ] {
        let (found, text) = send(&registry, "/v1/agent/service/register", body).await;
        assert_eq!(found, status, "{body} {text}");
        assert!(text.contains(reason), "{body} {text}");
    }
    let own = format!("/v1/agent/service/deregister/shop-{}", node(1, "shop").id);
    for (uri, status) in [
        ("/v1/agent/service/deregister/none", 404),
        (own.as_str(), 403),
        ("/v1/agent/service/maintenance/none?enable=1", 404),
        ("/v1/agent/service/maintenance/none", 400),
        ("/v1/agent/check/pass/none", 404),
        ("/v1/agent/check/update/none", 400),
    ] {
        assert_eq!(send(&registry, uri, "").await.0, status, "{uri}");
    }
    assert_eq!(registry.nodes().len(), 3);
}

#[tokio::test(start_paused = true)]
async fn an_id_that_moves_to_another_service_is_there_once_and_shares_an_address_if_it_says_so() {
    let registry = registry().await;
    for service in ["web", "shop-window"] {
        let body =
            format!(r#"{{"ID":"one","Name":"{service}","Port":9,"Check":{{"TCP":"10.0.0.9:9","Interval":"10s"}}}}"#);
        assert_eq!(send(&registry, "/v1/agent/service/register", &body).await.0, 200);
    }
    assert_eq!(send(&registry, "/v1/agent/service/register", r#"{"ID":"two","Name":"web","Port":9}"#).await.0, 200);
    let (_, services) = get(&registry, "/v1/agent/services").await;
    assert_eq!((&services["one"]["Service"], &services["two"]["Service"]), (&json!("shop-window"), &json!("web")));
}

#[tokio::test(start_paused = true)]
async fn names_of_members_are_taken_in_any_case() {
    let registry = registry().await;
    let lower = r#"{"id":"low","name":"low","tags":["a"],"port":80,"meta":{"Team":"x"},"check":{"ttl":"10s"}}"#;
    assert_eq!(send(&registry, "/v1/agent/service/register", lower).await, (200, String::new()));
    let (_, seen) = get(&registry, "/v1/health/service/low").await;
    assert_eq!((&seen[0]["Service"]["ID"], &seen[0]["Service"]["Meta"]), (&json!("low"), &json!({ "Team": "x" })));
    assert_eq!(seen[0]["Checks"][0]["Type"], "ttl");
    let script = r#"{"name":"low","port":80,"check":{"script":"true"}}"#;
    assert_eq!(send(&registry, "/v1/agent/service/register", script).await.0, 400);
}

#[tokio::test(start_paused = true)]
async fn keys_are_written_read_watched_and_deleted_as_consul_does() {
    let registry = registry().await;
    let read =
        async |path: &str| told(answer(&registry, &format!("/v1/kv/{path}").parse().unwrap()).await.unwrap()).await;
    let yes = || (200, "true".to_owned());
    let (index, _) = get_index(&registry, "/v1/kv/shop/limit").await;
    let waits = get_index(&registry, "/v1/kv/shop/limit?wait=5m&index=1");
    let (woken, written) = tokio::join!(waits, send(&registry, "/v1/kv/shop/limit?flags=42", "10"));
    assert_eq!((written, woken.0 > index), (yes(), true));
    let first = json!([{
        "LockIndex": 0, "Key": "shop/limit", "Flags": 42, "Value": "MTA=", "CreateIndex": 2, "ModifyIndex": 2,
    }]);
    assert_eq!(woken.1, first.to_string());
    assert_eq!(read("shop/limit?raw").await, (200, "10".to_owned()));
    assert_eq!(send(&registry, "/v1/kv/shop/limit?cas=1", "20").await, (200, "false".to_owned()));
    assert_eq!(send(&registry, "/v1/kv/shop/limit?cas=2", "20").await, yes());
    for key in ["shop/db/host", "shop/db/port", "shop+more", "other"] {
        assert_eq!(send(&registry, &format!("/v1/kv/{key}"), "").await, yes());
    }
    assert_eq!(read("shop/?keys&separator=/").await.1, json!(["shop/db/", "shop/limit"]).to_string());
    assert_eq!(
        read("shop?keys").await.1,
        json!(["shop+more", "shop/db/host", "shop/db/port", "shop/limit"]).to_string()
    );
    let all: Value = serde_json::from_str(&read("?recurse").await.1).unwrap();
    assert_eq!((all.as_array().unwrap().len(), &all[0]["Value"]), (5, &Value::Null));
    let delete = async |path: &str| {
        let uri = format!("/v1/kv/{path}").parse().unwrap();
        told(change(&registry, &Method::DELETE, &uri, (b"", [10, 0, 0, 9].into())).await.unwrap()).await
    };
    assert_eq!((delete("shop/?recurse").await, delete("nothing").await), (yes(), yes()));
    assert_eq!((read("shop/limit").await, read("shop/?recurse").await.0), ((404, String::new()), 404));
    for (path, status) in [("a?acquire=x", 400), ("a?cas=x", 400), ("", 400), ("%0a", 400)] {
        assert_eq!(send(&registry, &format!("/v1/kv/{path}"), "1").await.0, status, "{path}");
    }
    assert_eq!(send(&registry, "/v1/kv/a", &"x".repeat(pairs::VALUE_BYTES_MAX + 1)).await.0, 413);
}

/// Returns the index of an answer, and its text.
async fn get_index(registry: &Registry, uri: &str) -> (u64, String) {
    let response = answer(registry, &uri.parse().unwrap()).await.unwrap();
    let index = response.headers()["x-consul-index"].to_str().unwrap().parse().unwrap();
    (index, told(response).await.1)
}

//! The truth table of matching, after the cases that the Gateway API's conformance suite asks of an HTTPRoute.

use mesh::{Discovery, Node, NodeId};

use super::*;

const FILE: &str = r#"
route = [
    # Path: exact before prefix, longer before shorter, on the borders of segments.
    { name = "root", backend = [{ service = "a" }], match = [{ path = { prefix = "/" } }] },
    { name = "one", backend = [{ service = "a" }], match = [{ path = { prefix = "/one" } }] },
    { name = "one-two", backend = [{ service = "a" }], match = [{ path = { prefix = "/one/two/" } }] },
    { name = "one-exact", backend = [{ service = "a" }], match = [{ path = { exact = "/one" } }] },
    { name = "regex", backend = [{ service = "a" }], match = [{ path = { regex = "/one/[0-9]+" } }] },
    { name = "regex-longer", backend = [{ service = "a" }], match = [{ path = { regex = "/one/[0-9]+|/none" } }] },
    # Method before headers before query; then the first.
    { name = "m-plain", backend = [{ service = "a" }], match = [{ path = { prefix = "/m" } }] },
    { name = "m-query", backend = [{ service = "a" }], match = [{ path = { prefix = "/m" }, query = { q = "1" } }] },
    { name = "m-queries", backend = [{ service = "a" }], match = [{ path = { prefix = "/m" }, query = { q = "1", r = "~[ab]" } }] },
    { name = "m-header", backend = [{ service = "a" }], match = [{ path = { prefix = "/m" }, headers = { color = "blue" } }] },
    { name = "m-headers", backend = [{ service = "a" }], match = [{ path = { prefix = "/m" }, headers = { Color = "blue", version = "two" } }] },
    { name = "m-post", backend = [{ service = "a" }], match = [{ path = { prefix = "/m" }, method = "POST" }] },
    { name = "m-late", backend = [{ service = "a" }], match = [{ path = { prefix = "/m" }, headers = { color = "~b.*" } }] },
    # One route with several matches.
    { name = "any-of", backend = [{ service = "a" }], match = [{ path = { exact = "/v1" } }, { headers = { version = "one" }, path = { prefix = "/v" } }] },
    # Hosts: a name before a wildcard, a longer wildcard before a shorter; a host goes before any path.
    { name = "host", hosts = ["very.specific.example"], backend = [{ service = "a" }], match = [{ path = { prefix = "/s" } }] },
    { name = "below-specific", hosts = ["*.specific.example"], backend = [{ service = "a" }], match = [{ path = { exact = "/s" } }, { path = { prefix = "/s3" } }] },
    { name = "below", hosts = ["*.example"], backend = [{ service = "a" }], match = [{ path = { prefix = "/" } }] },
]
"#;

fn services() -> Discovery {
    let node = |id: u128, service: &str, prefixes: &[&str]| {
        let address = ([127, 0, 0, 1], 80 + u16::try_from(id).unwrap()).into();
        Node::new(NodeId::from_u128(id), service, address)
            .routes(prefixes.iter().map(|prefix| mesh::Route::new(*prefix)))
    };
    Discovery::fixed([
        node(1, "a", &["/one", "/api/v1/orders"]),
        node(2, "files", &["/files", "/api/v1"]),
        node(3, "late", &["/files"]),
    ])
}

fn table(text: &str, services: &Discovery) -> Table {
    let file = File::read(text).unwrap();
    let upstreams = Discovery::fixed([]);
    let (services, upstreams) = (services.view(), upstreams.view());
    Table::of(&Sources { file: &file, services: &services, upstreams: &upstreams, body_bytes_max: 10, before: None })
}

/// Finds the route of `METHOD host/path?query` with headers after it.
fn found(table: &Table, request: &str) -> String {
    let mut parts = request.split(' ');
    let method: Method = parts.next().unwrap().parse().unwrap();
    let (host, path) = parts.next().unwrap().split_once('/').unwrap();
    let path = format!("/{path}");
    let (path, query) = path.split_once('?').map_or((path.as_str(), None), |(path, query)| (path, Some(query)));
    let mut headers = HeaderMap::new();
    for (name, value) in parts.map(|header| header.split_once(':').unwrap()) {
        headers.append(http::HeaderName::try_from(name).unwrap(), value.parse().unwrap());
    }
    let asked = Asked { host, method: &method, path, query, headers: &headers };
    table.find(&asked).map_or_else(|| "nothing".to_owned(), |entry| entry.way.route.name.clone())
}

#[test]
fn of_the_routes_that_fit_the_most_particular_is_taken() {
    let table = table(FILE, &services());
    for (request, expected) in [
        ("GET a/", "root"),
        ("GET a/onetwo", "root"),
        ("GET a/one", "one-exact"),
        ("GET a/one/", "one"),
        ("GET a/one/three", "one"),
        ("GET a/one/two", "one-two"),
        ("GET a/one/two/", "one-two"),
        ("GET a/one/two/three", "one-two"),
        ("GET a/one/twothree", "one"),
        ("GET a/One", "root"),
        ("GET a/one/17", "regex-longer"),
        ("GET a/one/17/x", "one"),
        ("GET a/m", "m-plain"),
        ("GET a/m?q=2", "m-plain"),
        ("GET a/m?q=1", "m-query"),
        ("GET a/m?q=2&q=1", "m-plain"),
        ("GET a/m?%71=%31&r=c", "m-query"),
        ("GET a/m/x?r=b&q=1", "m-queries"),
        ("GET a/m?q=1&r=a color:blue", "m-header"),
        ("GET a/m color:blue version:two", "m-headers"),
        ("GET a/m color:green", "m-plain"),
        ("GET a/m color:red color:blue", "m-header"),
        ("GET a/m color:black", "m-late"),
        ("POST a/m color:blue version:two", "m-post"),
        ("PUT a/m", "m-plain"),
        ("GET a/v1", "any-of"),
        ("GET a/v2", "root"),
        ("GET a/v/x version:one", "any-of"),
        ("GET very.specific.example/s", "host"),
        ("GET very.specific.example/s3", "below-specific"),
        ("GET very.specific.example/x", "below"),
        ("GET foo.specific.example/s", "below-specific"),
        ("GET a.foo.specific.example/s", "below-specific"),
        ("GET foo.specific.example/s4", "below"),
        ("GET specific.example/s", "below"),
        ("GET example/s", "root"),
        ("GET notspecific.example/one", "below"),
        ("GET [::1]/one", "one-exact"),
    ] {
        assert_eq!(found(&table, request), expected, "{request}");
    }
}

#[test]
fn a_services_own_routes_stand_beside_the_files_and_after_them() {
    let table = table(FILE, &services());
    for (request, expected) in [
        ("GET a/filesystem", "root"),
        ("GET a/files", "files /files"),
        ("GET a/files/a/b", "files /files"),
        ("GET a/api", "root"),
        ("GET a/api/v1", "files /api/v1"),
        ("GET a/api/v1/orders/7", "a /api/v1/orders"),
        ("GET a/api/v1/ordersx", "files /api/v1"),
        ("GET a/one/x", "one"),
    ] {
        assert_eq!(found(&table, request), expected, "{request}");
    }
    let empty = Discovery::fixed([]);
    let nothing = self::table("", &empty);
    assert!(nothing.is_empty());
    assert_eq!(found(&nothing, "GET a/"), "nothing");
}

#[test]
fn each_backend_gets_its_share_and_one_without_a_node_gives_its_own_away() {
    let weighted = |other: &str| {
        let text = format!(
            "route = [{{ name = 'w', backend = [{{ service = 'a', weight = 70 }}, {{ service = '{other}', weight = 30 }}, \
             {{ service = 'late', weight = 0 }}] }}]"
        );
        let table = table(&text, &services());
        let headers = HeaderMap::new();
        let asked = Asked { host: "a", method: &Method::GET, path: "/x", query: None, headers: &headers };
        let way = Arc::clone(&table.find(&asked).unwrap().way);
        let dice = mesh::balance::Dice::new(7);
        let mut counts = BTreeMap::new();
        for _ in 0..10_000 {
            *counts.entry(way.target(dice.throw()).unwrap().service.name.to_string()).or_insert(0) += 1;
        }
        counts
    };
    let counts = weighted("files");
    assert!((6_800..7_200).contains(&counts["a"]) && counts["a"] + counts["files"] == 10_000, "{counts:?}");
    assert_eq!(weighted("gone"), BTreeMap::from([("a".to_owned(), 10_000)]));
}

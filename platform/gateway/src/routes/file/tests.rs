use super::*;

const SOUND: &str = r#"
[[upstream]]
name = "legacy"
addresses = ["10.0.0.5:8080", "[::1]:81"]

[[route]]
name = "canary"
hosts = ["shop.example", "*.Shop.example"]
body_bytes_max = 1024
response_timeout_ms = 5000
rewrite = { prefix = "/v2", host = "inner.example" }
request_headers = { set = { x-tier = "canary" }, remove = ["x-debug"] }

[[route.match]]
path = { prefix = "/orders/" }
method = "GET"
headers = { X-Canary = "~1|yes" }
query = { page = "2" }

[[route.backend]]
service = "shop"
weight = 90
[[route.backend]]
upstream = "legacy"
weight = 10

[[listener]]
name = "door"
address = "0.0.0.0:8443"
certificate = [{ file = "a.pem", key = "a.key" }]

[[listener]]
name = "old"
address = "0.0.0.0:8080"
redirect_to_https = 8443

[[route]]
name = "away"
redirect = { scheme = "https", status = 301 }
"#;

#[test]
fn a_file_is_read_with_everything_in_it() {
    let file = File::read(SOUND).unwrap();
    let canary = &file.routes[0];
    assert_eq!(canary.hosts, [Host::Exact("shop.example".to_owned()), Host::Below("shop.example".to_owned())]);
    assert_eq!(canary.matches[0].path, Path::Prefix("/orders".to_owned()));
    assert_eq!(
        canary.backends.iter().map(Backend::at).collect::<Vec<_>>(),
        [Place::Service("shop"), Place::Upstream("legacy")]
    );
    assert_eq!(file.routes[1].matches, []);
}

#[test]
fn a_file_with_an_error_is_refused_with_the_place_of_it() {
    for (from, to, expected) in [
        ("weight = 90", "weigth = 90", "line 22: there is no `weigth` here; the nearest is `weight`"),
        ("[[upstream]]", "[[upstreams]]", "line 2: there is no `upstreams` here; the nearest is `upstream`"),
        ("weight = 90", "weight = -1", "line 22: "),
        ("\"GET\"", "\"get\"", "line 16: `get` is not a method, which is in upper case"),
        ("~1|yes", "~1)(", "line 17: `1)(` is not a regular expression: "),
        ("X-Canary", "\"X Canary\"", "`X Canary` is not the name of a header"),
        ("/orders/", "/a/../b", "`/a/../b` is not a path: "),
        ("prefix = \"/orders/\"", "prefix = \"/a\", exact = \"/a\"", "a path has one of `prefix`, `exact` and `regex`"),
        ("\"shop.example\"", "\"shop.example:80\"", "line 8: `shop.example:80` is not a host: "),
        ("x-tier", "Content-Length", "the header `content-length` is the gateway's own, no route changes it"),
        ("x-tier", "fpms-caller", "the header `fpms-caller` is the gateway's own"),
        (
            "upstream = \"legacy\"",
            "upstream = \"legcay\"",
            "route `canary` leads to `legcay`, which is not an upstream of the file; the nearest is `legacy`",
        ),
        ("service = \"shop\"", "", "route `canary` has a place that is not one of"),
        ("status = 301", "status = 200", "route `away` redirects with 200"),
        ("name = \"away\"", "name = \"canary\"", "route `canary` is there twice"),
        ("redirect = ", "#", "route `away` has neither a `backend` nor a `redirect`"),
        ("10.0.0.5:8080", "10.0.0.5:0", "upstream `legacy` has an address that cannot be connected to"),
        ("path = { prefix = \"/orders/\" }", "path = { exact = \"/orders\" }", "route `canary` replaces a prefix, but"),
        ("response_timeout_ms = 5000", "response_timeout_ms = 0", "route `canary` gives its backends no time"),
        ("[[route]]", "[[route", "line 6: "),
        ("\"old\"", "\"door\"", "listener `door` is there twice"),
        ("0.0.0.0:8080", "0.0.0.0:8443", "listener `old` has an address that another has too"),
        ("0.0.0.0:8080", "0.0.0.0:0", "listener `old` has no port"),
        ("0.0.0.0:8080", "0.0.0.0", "invalid socket address"),
        ("redirect_to_https", "redirect_to", "there is no `redirect_to` here; the nearest is `redirect_to_https`"),
        ("key = \"a.key\" }]", "key = \"a.key\" }]\nh2c = true", "listener `door` has certificates, and so HTTP/2"),
        ("a.key\" }]", "a.key\" }]\nredirect_to_https = 1", "listener `door` has certificates, but leads to https"),
        ("[\"10.0.0.5:8080\", \"[::1]:81\"]", "[\"10.0.0.5:8080\"]\nprotocol = \"h2\"", "unknown variant `h2`"),
    ] {
        assert!(SOUND.contains(from), "{from}");
        let error = File::read(&SOUND.replacen(from, to, 1)).unwrap_err().to_string();
        assert!(error.contains(expected), "{to}: {error}");
    }
    let none = SOUND.replace("weight = 90", "weight = 0").replace("weight = 10", "weight = 0");
    assert!(File::read(&none).unwrap_err().to_string().contains("no backend with a weight above zero"));
}

proptest::proptest! {
    #[test]
    fn no_text_breaks_the_reader(text in r#"(\[\[route\]\]|\[\[upstream\]\]|name = "a"|hosts = \["[*.a]{0,4}"\]|[a-z=\[\]{}" \n]{0,8}|\n){0,12}"#) {
        let _ = File::read(&text);
    }
}

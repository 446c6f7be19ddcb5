//! Routes of a file: what they lead to, what they change, and what becomes of a change of the file.

use std::path::Path;

use super::*;
use crate::metrics;

fn file(text: &str) -> tempfile::NamedTempFile {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), text).unwrap();
    file
}

fn site(nodes: impl IntoIterator<Item = Node>, path: &Path) -> Site {
    Site::with(nodes, |settings| settings.routes = Some(path.to_path_buf()))
}

#[tokio::test]
async fn an_upstream_outside_gets_the_rewritten_request_and_nothing_of_ours() {
    let echo = Echo::start().await;
    let routes = file(&format!(
        "[[upstream]]\nname = 'legacy'\naddresses = ['{}']\n[[route]]\nname = 'old'\n\
         match = [{{ path = {{ prefix = '/old' }} }}]\nbackend = [{{ upstream = 'legacy' }}]\n\
         rewrite = {{ prefix = '/new', host = 'inner.example' }}\nrequest_headers = {{ set = {{ x-by = 'gateway' }} }}\n\
         response_headers = {{ add = {{ x-route = 'old' }} }}\nbody_bytes_max = 8\n",
        echo.address
    ));
    let site = site([], routes.path());
    let answer = site
        .raw(
            b"GET /old/a?b=c HTTP/1.1\r\nHost: site:80\r\nConnection: close\r\nCookie: fpms=good; theme=dark\r\n\
              Authorization: Basic eDp5\r\nfpms-caller: forged\r\n\r\n",
        )
        .await;
    let (head, seen) = answer.split_once("\r\n\r\n").unwrap();
    assert_eq!((status(head), head.contains("x-route: old")), (200, true), "{answer}");
    for expected in
        ["GET /new/a?b=c HTTP/1.1\n", "host: inner.example\n", "x-by: gateway\n", "cookie: theme=dark\n", "Basic eDp5"]
    {
        assert!(seen.contains(expected), "{expected:?} in {seen}");
    }
    assert!(!seen.contains("fpms-") && !seen.contains("good"), "{seen}");
    let long = b"POST /old HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n123456789";
    assert_eq!(status(&site.raw(long).await), 413);
    assert_eq!(status(&site.get("/elsewhere").await), 404);
}

#[tokio::test]
async fn a_redirect_answers_by_itself() {
    let routes = file(
        "[[route]]\nname = 'moved'\nmatch = [{ path = { prefix = '/a' } }]\n\
         redirect = { scheme = 'https', prefix = '/b', status = 308 }\n",
    );
    let site = site([], routes.path());
    let answer = site.raw(b"POST /a/c?d=e HTTP/1.1\r\nHost: site:81\r\nContent-Length: 2\r\n\r\nhi").await;
    assert_eq!(status(&answer), 308, "{answer}");
    assert!(answer.contains("location: https://site/b/c?d=e\r\n") && answer.contains("connection: close"), "{answer}");
}

#[tokio::test]
async fn a_changed_file_comes_into_force_and_one_with_an_error_does_not() {
    let route = |status: u16| format!("[[route]]\nname = 'r'\nredirect = {{ path = '/x', status = {status} }}\n");
    let routes = file(&route(302));
    let site = site([], routes.path());
    assert_eq!(status(&site.get("/").await), 302);
    let refused = metrics::RELOADS.with(&["refused"]);
    let before = refused.value();
    std::fs::write(routes.path(), "[[rotue]]").unwrap();
    while refused.value() == before {
        tokio::task::yield_now().await;
    }
    assert_eq!(status(&site.get("/").await), 302);
    std::fs::write(routes.path(), route(307) + "# changed\n").unwrap();
    while status(&site.get("/").await) != 307 {}
}

#[tokio::test]
async fn a_gateway_does_not_start_on_a_file_with_an_error() {
    let routes = file("[[rotue]]");
    let shutdown = Shutdown::new();
    let parts = Parts {
        discovery: Discovery::fixed([]),
        authenticate: Arc::new(Door),
        ambient: base::Ambient::new(Arc::new(SystemClock), Arc::new(SeededRandom::new(1))),
        health: Health::new(shutdown.clone()),
        admin_key: None,
        shared: None,
    };
    let settings = Settings { listen: any(), routes: Some(routes.path().to_path_buf()), ..Settings::default() };
    let Err(error) = Gateway::start(settings, parts, &shutdown) else { panic!("started") };
    let text = runtime::chain(&error);
    assert!(text.contains("line 1: there is no `rotue` here; the nearest is `route`"), "{text}");
}

#[tokio::test]
async fn a_copy_goes_to_a_second_place_and_nobody_waits_for_it() {
    let (first, second) = (Echo::start().await, Echo::serve(hanging).await);
    let routes = file(&format!(
        "[[upstream]]\nname = 'second'\naddresses = ['{}']\n[[route]]\nname = 'r'\n\
         backend = [{{ service = 'shop' }}]\nmirror = {{ upstream = 'second' }}\n",
        second.address
    ));
    let site = site([node(1, first.address)], routes.path());
    let put = b"PUT /a HTTP/1.1\r\nHost: a\r\nConnection: close\r\nCookie: fpms=good\r\nContent-Length: 2\r\n\r\nhi";
    assert_eq!(status(&site.raw(put).await), 200);
    while second.count() < 1 {
        tokio::task::yield_now().await;
    }
    assert_eq!(first.count(), 1);
}

/// Never answers, and breaks the test's task when it was sent what is ours.
async fn hanging(request: Request<Incoming>) -> Response<Full<Bytes>> {
    let ours = request.headers().keys().any(|name| name.as_str().starts_with("fpms-"));
    assert!(!ours && !request.headers().contains_key("cookie"), "{:?}", request.headers());
    std::future::pending().await
}

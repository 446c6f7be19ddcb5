//! Places outside that speak HTTP/2, and what else a route does: upgrades, coding, keeping, copies.

use http_body_util::BodyExt;
use hyper_util::rt::TokioExecutor;

use super::*;

/// A place that speaks HTTP/2 and answers with what it was sent, in a text that others would code and keep.
struct Place {
    address: SocketAddr,
    requests: Arc<AtomicUsize>,
}

impl Place {
    async fn start() -> Self {
        let listener = TcpListener::bind(any()).await.unwrap();
        let place = Self { address: listener.local_addr().unwrap(), requests: Arc::default() };
        let counter = Arc::clone(&place.requests);
        runtime::spawn(SERVER, async move {
            while let Ok((stream, _)) = listener.accept().await {
                let counter = Arc::clone(&counter);
                let service = service_fn(move |request| {
                    counter.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
                    async move { Ok::<_, Infallible>(answer(request).await) }
                });
                let builder = hyper::server::conn::http2::Builder::new(TokioExecutor::new());
                let connection = builder.serve_connection(TokioIo::new(stream), service);
                runtime::spawn(SERVER, async move { drop(connection.await) });
            }
        });
        place
    }

    fn count(&self) -> usize {
        self.requests.load(std::sync::atomic::Ordering::SeqCst)
    }

    /// Returns a gateway with a route that says `rest`, before this place and a service at `first`.
    fn behind(&self, first: SocketAddr, rest: &str) -> (Site, tempfile::NamedTempFile) {
        let file = tempfile::NamedTempFile::new().unwrap();
        let upstream =
            format!("[[upstream]]\nname = 'outside'\naddresses = ['{}']\nprotocol = 'http2'\n", self.address);
        std::fs::write(file.path(), format!("{upstream}[[route]]\nname = 'r'\n{rest}")).unwrap();
        let site = Site::with([node(1, first)], |settings| settings.routes = Some(file.path().to_path_buf()));
        (site, file)
    }
}

async fn answer(request: Request<Incoming>) -> Response<Full<Bytes>> {
    let echoed = echo(request).await.into_body().collect().await.unwrap().to_bytes();
    let text = [&echoed[..], &[b'.'; 2_000]].concat();
    let response =
        Response::builder().header("content-type", "text/plain").header("cache-control", "public, max-age=60");
    response.body(Full::new(text.into())).unwrap()
}

const ONLY: &str = "backend = [{ upstream = 'outside' }]\n";

#[tokio::test]
async fn what_comes_by_http_2_is_neither_coded_nor_kept() {
    let place = Place::start().await;
    let (site, _file) = place.behind(place.address, ONLY);
    for number in 1..=2 {
        let get = b"GET /a HTTP/1.1\r\nHost: a\r\nAccept-Encoding: gzip\r\nConnection: close\r\n\r\n";
        let answer = site.raw(get).await;
        assert!(status(&answer) == 200 && answer.contains("GET http://a/a HTTP/2.0"), "{answer}");
        assert!(!answer.contains("content-encoding") && !answer.contains("cache-status"), "{answer}");
        assert_eq!(place.count(), number);
    }
}

#[tokio::test]
async fn an_upgrade_goes_to_such_a_place_as_the_plain_request_that_it_is_otherwise() {
    let place = Place::start().await;
    let (site, _file) = place.behind(place.address, ONLY);
    let asking = b"GET /live HTTP/1.1\r\nHost: a\r\nConnection: close, Upgrade\r\nUpgrade: websocket\r\n\
                   Sec-WebSocket-Version: 13\r\n\r\n";
    let answer = site.raw(asking).await;
    assert!(status(&answer) == 200 && answer.contains("sec-websocket-version: 13\n"), "{answer}");
    assert!(!answer.contains("upgrade"), "{answer}");
}

#[tokio::test]
async fn a_copy_goes_to_such_a_place_by_its_own_protocol() {
    let (first, place) = (Echo::start().await, Place::start().await);
    let (site, _file) =
        place.behind(first.address, "backend = [{ service = 'shop' }]\nmirror = { upstream = 'outside' }\n");
    let answered = crate::metrics::MIRRORED.with(&["answered"]);
    let before = answered.value();
    let put = b"PUT /a HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 2\r\n\r\nhi";
    assert_eq!(status(&site.raw(put).await), 200);
    while answered.value() == before {
        tokio::task::yield_now().await;
    }
    assert_eq!((first.count(), place.count()), (1, 1));
}

#[tokio::test]
async fn a_request_without_a_body_that_a_place_did_not_take_goes_to_another() {
    let (away, place) = (TcpListener::bind(any()).await.unwrap().local_addr().unwrap(), Place::start().await);
    let file = tempfile::NamedTempFile::new().unwrap();
    let addresses = format!("addresses = ['{away}', '{}']\nprotocol = 'http2'\n", place.address);
    std::fs::write(file.path(), format!("[[upstream]]\nname = 'outside'\n{addresses}[[route]]\nname = 'r'\n{ONLY}"))
        .unwrap();
    let site = Site::with([], |settings| settings.routes = Some(file.path().to_path_buf()));
    for number in 1..=5 {
        let answer = site.get("/a").await;
        assert!(status(&answer) == 200 && !answer.contains("fpms-deadline"), "{answer}");
        assert_eq!(place.count(), number);
    }
}

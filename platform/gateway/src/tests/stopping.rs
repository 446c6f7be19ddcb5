//! The end of a gateway, and of connections that only wait.

use super::*;

#[tokio::test]
async fn the_end_waits_for_requests_under_way_and_takes_no_new_ones() {
    static GATE: Gate = Gate::shut();
    let slow = Echo::serve(|_| async {
        GATE.pass().await;
        Response::new(Full::new(Bytes::from("done")))
    })
    .await;
    let site = Site::start([node(1, slow.address)]);
    let mut idle = site.connect().await;
    let mut busy = site.connect().await;
    busy.write_all(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n").await.unwrap();
    while slow.count() == 0 {
        tokio::task::yield_now().await;
    }
    let (drained, answer) = tokio::join!(site.shutdown.drain(Duration::from_secs(10)), async {
        wait_closed(site.running.address).await;
        GATE.let_go(1);
        let mut answer = String::new();
        busy.read_to_string(&mut answer).await.unwrap();
        answer
    });
    assert_eq!(drained, Ok(()));
    assert!(answer.ends_with("done"), "{answer}");
    assert_eq!(idle.read(&mut [0; 16]).await.unwrap(), 0);
    assert!(TcpStream::connect(site.running.address).await.is_err());
}

#[tokio::test]
async fn the_end_is_bounded() {
    let hanging = TcpListener::bind(any()).await.unwrap();
    let site = Site::with([node(1, hanging.local_addr().unwrap())], |settings| settings.timeouts.drain_ms = 300);
    let mut busy = site.connect().await;
    busy.write_all(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n").await.unwrap();
    let _upstream = hanging.accept().await.unwrap();
    assert_eq!(site.shutdown.drain(Duration::from_secs(5)).await, Ok(()));
}

#[tokio::test]
async fn a_connection_that_only_waits_is_closed() {
    let site = Site::with([], |settings| settings.timeouts.idle_ms = 500);
    assert_eq!(site.raw(b"").await, "");
}

#[tokio::test]
async fn a_head_that_dribbles_in_is_answered_and_closed() {
    let site = Site::with([], |settings| settings.timeouts.head_ms = 1_000);
    let mut stream = site.connect().await;
    let mut head = b"GET / HTTP/1.1\r\nHost: ".iter().chain(b"a".iter().cycle());
    // Another byte each time that nothing has been heard for so long.
    while tokio::time::timeout(Duration::from_millis(100), stream.readable()).await.is_err() {
        stream.write_all(&[*head.next().unwrap()]).await.unwrap();
    }
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(status(&answer) == 408 && answer.contains("GTW-011"), "{answer}");
}

#[tokio::test]
async fn a_port_that_is_taken_is_refused_although_workers_share_theirs() {
    let site = Site::with([], |settings| settings.workers = Some(2));
    let parts = Parts {
        discovery: Discovery::fixed([]),
        authenticate: Arc::new(Door),
        ambient: base::Ambient::new(Arc::new(SystemClock), Arc::new(SeededRandom::new(1))),
        health: Health::new(Shutdown::new()),
        admin_key: None,
        shared: None,
    };
    let settings = Settings { listen: site.running.address, workers: Some(2), ..Settings::default() };
    assert!(Gateway::start(settings, parts, &site.shutdown).is_err());
}

#[tokio::test]
async fn all_workers_share_a_port() {
    let echo = Echo::start().await;
    let site = Site::with([node(1, echo.address)], |settings| settings.workers = Some(4));
    for _ in 0..40 {
        assert_eq!(status(&site.get("/").await), 200);
    }
}

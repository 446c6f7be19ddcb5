//! gRPC through the gateway, between a client and a server of tonic: calls, streams, errors, deadlines, refusals.

use std::{pin::Pin, sync::atomic::Ordering::SeqCst};

use futures_util::{Stream, StreamExt, stream};
use hyper_util::rt::TokioExecutor;
use tonic::{
    Code, Status, Streaming,
    client::Grpc,
    codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder},
    server::{ServerStreamingService, StreamingService, UnaryService},
    transport::{Channel, Endpoint},
};

use super::*;

/// Messages of bytes, so that no schema is needed.
#[derive(Debug, Clone, Copy, Default)]
struct Plain;

impl Codec for Plain {
    type Encode = Bytes;
    type Decode = Bytes;
    type Encoder = Self;
    type Decoder = Self;

    fn encoder(&mut self) -> Self {
        Self
    }

    fn decoder(&mut self) -> Self {
        Self
    }
}

impl Encoder for Plain {
    type Item = Bytes;
    type Error = Status;

    fn encode(&mut self, item: Bytes, buffer: &mut EncodeBuf<'_>) -> Result<(), Status> {
        bytes::BufMut::put(buffer, item);
        Ok(())
    }
}

impl Decoder for Plain {
    type Item = Bytes;
    type Error = Status;

    fn decode(&mut self, buffer: &mut DecodeBuf<'_>) -> Result<Option<Bytes>, Status> {
        let left = bytes::Buf::remaining(buffer);
        Ok(Some(bytes::Buf::copy_to_bytes(buffer, left)))
    }
}

/// What the server does with each kind of call.
#[derive(Clone, Default)]
struct Parrot {
    calls: Arc<AtomicUsize>,
}

type Answers = Pin<Box<dyn Stream<Item = Result<Bytes, Status>> + Send>>;

impl UnaryService<Bytes> for Parrot {
    type Response = Bytes;
    type Future = BoxFuture<'static, Result<tonic::Response<Bytes>, Status>>;

    fn call(&mut self, request: tonic::Request<Bytes>) -> Self::Future {
        self.calls.fetch_add(1, SeqCst);
        async move {
            let seen = |name: &str| request.metadata().get(name).map(|value| value.to_str().unwrap().to_owned());
            if request.get_ref() == "fail" {
                return Err(Status::failed_precondition("not now: 100 %"));
            }
            let te = seen("te").unwrap_or_default();
            let caller = seen("fpms-caller").is_some();
            let timeout = seen("grpc-timeout").is_some();
            let text = format!("te {te}, caller {caller}, timeout {timeout}: ");
            let mut response = tonic::Response::new([text.as_bytes(), request.get_ref()].concat().into());
            response.metadata_mut().insert("x-answer", "yes".parse().unwrap());
            Ok(response)
        }
        .boxed()
    }
}

impl ServerStreamingService<Bytes> for Parrot {
    type Response = Bytes;
    type ResponseStream = Answers;
    type Future = BoxFuture<'static, Result<tonic::Response<Answers>, Status>>;

    fn call(&mut self, request: tonic::Request<Bytes>) -> Self::Future {
        let message = request.into_inner();
        let slow = message == "slow";
        let last =
            if slow { stream::pending().boxed() } else { stream::iter([Err(Status::aborted("enough"))]).boxed() };
        let answers = stream::iter(std::iter::repeat_n(Ok(message), 3)).chain(last).boxed();
        async move { Ok(tonic::Response::new(answers as Answers)) }.boxed()
    }
}

impl StreamingService<Bytes> for Parrot {
    type Response = Bytes;
    type ResponseStream = Answers;
    type Future = BoxFuture<'static, Result<tonic::Response<Answers>, Status>>;

    fn call(&mut self, request: tonic::Request<Streaming<Bytes>>) -> Self::Future {
        async move { Ok(tonic::Response::new(request.into_inner().boxed() as Answers)) }.boxed()
    }
}

impl Parrot {
    async fn answer(self, request: Request<Incoming>) -> Response<tonic::body::Body> {
        let mut grpc = tonic::server::Grpc::new(Plain);
        match request.uri().path() {
            "/parrot/Once" => grpc.unary(self, request).await,
            "/parrot/Thrice" => grpc.server_streaming(self, request).await,
            _ => grpc.streaming(self, request).await,
        }
    }

    async fn serve(self, listener: TcpListener) {
        while let Ok((stream, _)) = listener.accept().await {
            let parrot = self.clone();
            let service = service_fn(move |request| {
                let parrot = parrot.clone();
                async move { Ok::<_, Infallible>(parrot.answer(request).await) }
            });
            let builder = hyper::server::conn::http2::Builder::new(TokioExecutor::new());
            let connection = builder.serve_connection(TokioIo::new(stream), service);
            runtime::spawn(SERVER, async move { drop(connection.await) });
        }
    }
}

/// A server, a gateway whose route file leads to it, and a client of the gateway.
struct Talk {
    parrot: Parrot,
    client: Grpc<Channel>,
    site: Site,
    _routes: tempfile::NamedTempFile,
}

impl Talk {
    async fn start() -> Self {
        let parrot = Parrot::default();
        let listener = TcpListener::bind(any()).await.unwrap();
        let address = listener.local_addr().unwrap();
        runtime::spawn(SERVER, parrot.clone().serve(listener));
        Self::towards(parrot, address).await
    }

    async fn towards(parrot: Parrot, address: SocketAddr) -> Self {
        let routes = tempfile::NamedTempFile::new().unwrap();
        let text = format!(
            "[[upstream]]\nname = 'parrot'\naddresses = ['{address}']\nprotocol = 'http2'\n[[route]]\nname = 'grpc'\n\
             match = [{{ path = {{ prefix = '/parrot' }} }}]\nbackend = [{{ upstream = 'parrot' }}]\n\
             [[route]]\nname = 'few'\nmatch = [{{ path = {{ exact = '/parrot/Few' }} }}]\n\
             backend = [{{ upstream = 'parrot' }}]\n\
             limit = [{{ name = 'few', by = 'route', requests = 1, seconds = 60 }}]\n"
        );
        std::fs::write(routes.path(), text).unwrap();
        let site = Site::with([], |settings| {
            settings.h2c = true;
            settings.routes = Some(routes.path().to_path_buf());
        });
        let endpoint = Endpoint::from_shared(format!("http://{}", site.running.address)).unwrap();
        let client = Grpc::new(endpoint.connect().await.unwrap());
        Self { parrot, client, site, _routes: routes }
    }

    async fn once(
        &mut self,
        path: &'static str,
        request: tonic::Request<Bytes>,
    ) -> Result<tonic::Response<Bytes>, Status> {
        self.client.ready().await.unwrap();
        self.client.unary(request, http::uri::PathAndQuery::from_static(path), Plain).await
    }

    async fn thrice(&mut self, request: tonic::Request<Bytes>) -> Streaming<Bytes> {
        self.client.ready().await.unwrap();
        let path = http::uri::PathAndQuery::from_static("/parrot/Thrice");
        self.client.server_streaming(request, path, Plain).await.unwrap().into_inner()
    }
}

fn message(text: &'static str) -> tonic::Request<Bytes> {
    tonic::Request::new(Bytes::from_static(text.as_bytes()))
}

fn within(text: &'static str, timeout: Duration) -> tonic::Request<Bytes> {
    let mut request = message(text);
    request.set_timeout(timeout);
    request
}

#[tokio::test]
async fn a_call_is_answered_with_its_metadata_and_its_status() {
    let mut talk = Talk::start().await;
    let answer = talk.once("/parrot/Once", message("hello")).await.unwrap();
    assert_eq!(answer.metadata().get("x-answer").unwrap(), "yes");
    assert_eq!(answer.into_inner(), "te trailers, caller false, timeout false: hello");
    let failed = talk.once("/parrot/Once", message("fail")).await.unwrap_err();
    assert_eq!((failed.code(), failed.message()), (Code::FailedPrecondition, "not now: 100 %"));
}

#[tokio::test]
async fn streams_arrive_message_by_message_and_end_with_their_status() {
    let mut talk = Talk::start().await;
    let mut answers = talk.thrice(message("again")).await;
    for _ in 0..3 {
        assert_eq!(answers.message().await.unwrap().unwrap(), "again");
    }
    assert_eq!(answers.message().await.unwrap_err().code(), Code::Aborted);
}

#[tokio::test]
async fn both_sides_stream_at_the_same_time() {
    let mut talk = Talk::start().await;
    let (send, receive) = tokio::sync::mpsc::channel(1);
    let questions = stream::unfold(receive, |mut receive| async { receive.recv().await.map(|it| (it, receive)) });
    talk.client.ready().await.unwrap();
    let path = http::uri::PathAndQuery::from_static("/parrot/Each");
    let answers = talk.client.streaming(tonic::Request::new(questions), path, Plain).await.unwrap();
    let mut answers = answers.into_inner();
    for number in 0..5_u8 {
        send.send(Bytes::from(vec![number])).await.unwrap();
        assert_eq!(answers.message().await.unwrap().unwrap(), vec![number]);
    }
    drop(send);
    assert_eq!(answers.message().await.unwrap(), None);
}

#[tokio::test]
async fn large_messages_pass_both_ways() {
    let mut talk = Talk::start().await;
    let large = Bytes::from(vec![b'x'; 3 << 20]);
    let answer = talk.once("/parrot/Once", tonic::Request::new(large.clone())).await.unwrap().into_inner();
    assert!(answer.ends_with(&large));
}

/// A server that heeds no deadline: it says nothing to one call, and one message to any other.
async fn deaf() -> SocketAddr {
    let listener = TcpListener::bind(any()).await.unwrap();
    let address = listener.local_addr().unwrap();
    runtime::spawn(SERVER, async move {
        let (stream, _) = listener.accept().await.unwrap();
        let mut connection = h2::server::handshake(stream).await.unwrap();
        let mut held = Vec::new();
        while let Some(Ok((request, mut respond))) = connection.accept().await {
            let mut stream = None;
            if request.uri().path() == "/parrot/Thrice" {
                let response = Response::builder().header("content-type", "application/grpc");
                let mut begun = respond.send_response(response.body(()).unwrap(), false).unwrap();
                begun.send_data(Bytes::from_static(b"\0\0\0\0\x04slow"), false).unwrap();
                stream = Some(begun);
            }
            held.push((respond, stream));
        }
    });
    address
}

#[tokio::test]
async fn a_deadline_ends_a_call_wherever_it_stands() {
    let mut talk = Talk::start().await;
    let in_time = talk.once("/parrot/Once", within("x", Duration::from_secs(5))).await.unwrap();
    assert!(in_time.into_inner().starts_with(b"te trailers, caller false, timeout true: "));
    // A client of tonic would give up by itself: what the gateway says is read from the bytes.
    let talk = Talk::towards(Parrot::default(), deaf().await).await;
    let stream = TcpStream::connect(talk.site.running.address).await.unwrap();
    let (mut client, connection) = h2::client::handshake(stream).await.unwrap();
    runtime::spawn(SERVER, async move { drop(connection.await) });
    for (path, begins) in [("/parrot/Once", false), ("/parrot/Thrice", true)] {
        let request = Request::post(format!("http://a{path}"))
            .header("content-type", "application/grpc")
            .header("te", "trailers")
            .header("grpc-timeout", "300m");
        client = client.ready().await.unwrap();
        let (response, mut stream) = client.send_request(request.body(()).unwrap(), false).unwrap();
        stream.send_data(Bytes::from_static(b"\0\0\0\0\x04slow"), true).unwrap();
        let response = response.await.unwrap();
        assert_eq!(response.status(), 200);
        let (head, mut body) = response.into_parts();
        assert_eq!(head.headers.get("grpc-status").map(HeaderValue::as_bytes), (!begins).then_some(&b"4"[..]));
        while let Some(data) = body.data().await {
            assert!(begins && data.unwrap().ends_with(b"slow"));
        }
        let trailers = body.trailers().await.unwrap();
        assert_eq!(trailers.is_some_and(|trailers| trailers["grpc-status"] == "4"), begins, "{path}");
    }
}

#[tokio::test]
async fn refusals_of_the_gateway_are_statuses_of_grpc() {
    let away = TcpListener::bind(any()).await.unwrap().local_addr().unwrap();
    let mut talk = Talk::towards(Parrot::default(), away).await;
    for (path, code) in
        [("/parrot/Once", Code::Unavailable), ("/elsewhere", Code::Unimplemented), ("/a//b", Code::Internal)]
    {
        let refused = talk.once(path, message("x")).await.unwrap_err();
        assert_eq!(refused.code(), code, "{path}: {refused}");
    }
    assert_eq!(talk.parrot.calls.load(SeqCst), 0);
}

#[tokio::test]
async fn a_call_beyond_a_limit_is_told_so_and_when_to_come_again() {
    let mut talk = Talk::start().await;
    assert_eq!(talk.once("/parrot/Few", message("x")).await.unwrap().into_inner(), "x");
    let refused = talk.once("/parrot/Few", message("x")).await.unwrap_err();
    assert_eq!(refused.code(), Code::Unavailable);
    let said = |name: &str| refused.metadata().get(name).unwrap().to_str().unwrap().to_owned();
    assert_eq!((said("fpms-reason"), said("retry-after")), ("too-many".to_owned(), "60".to_owned()));
    assert_eq!(said("ratelimit"), "\"few\";r=0;t=60");
}

#[tokio::test]
async fn calls_share_a_connection_and_survive_its_end() {
    let listener = TcpListener::bind(any()).await.unwrap();
    let address = listener.local_addr().unwrap();
    let connections = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&connections);
    runtime::spawn(SERVER, async move {
        while let Ok((stream, _)) = listener.accept().await {
            counter.fetch_add(1, SeqCst);
            let mut connection = h2::server::handshake(stream).await.unwrap();
            let mut count = 0;
            while let Some(Ok((_, mut respond))) = connection.accept().await {
                let response =
                    Response::builder().header("grpc-status", "0").header("content-type", "application/grpc");
                respond.send_response(response.body(()).unwrap(), true).unwrap();
                count += 1;
                if count == 10 {
                    connection.graceful_shutdown();
                }
            }
        }
    });
    let mut talk = Talk::towards(Parrot::default(), address).await;
    for number in 0..30 {
        // An answer of trailers alone has no message, which is an error of its own for a call with one.
        let error = talk.once("/parrot/Once", message("x")).await.unwrap_err();
        assert!(error.message().contains("Missing response message"), "{number}: {error}");
    }
    let connections = connections.load(SeqCst);
    assert!((3..=4).contains(&connections), "{connections}");
}

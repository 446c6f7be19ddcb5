//! Asks nodes how they are, as their checks say: so many at once and no more.
//!
//! Owns the connections of checks. Never decides what an answer means for the node: [`checks`](super::checks) does.

use std::{sync::Arc, time::Duration};

use futures_util::{StreamExt, stream::FuturesUnordered};
use http::{Request, header};
use http_body_util::{BodyExt, Empty, Limited};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use runtime::{OnError, TaskKind};
use tokio::{
    net::TcpStream,
    time::{Instant, sleep_until, timeout},
};

use super::{
    Registry,
    catalogue::Task,
    checks::{Check, Health, OUTPUT_CHARS_MAX, Probe},
    standing::Member,
};
use crate::{
    Node,
    tls::{Dialer, Stream, dialer},
};

/// Most probes under way.
const PROBES_MAX: usize = 64;
/// Most bytes of an answer that are read.
const ANSWER_BYTES_MAX: usize = 4 * OUTPUT_CHARS_MAX;

/// Probes the nodes of `registry` for ever.
pub(super) async fn run(registry: Arc<Registry>) {
    let mut version = registry.version.subscribe();
    let mut under_way = FuturesUnordered::new();
    loop {
        let mut next = None;
        while under_way.len() < PROBES_MAX {
            match registry.due() {
                Ok((task, member, check)) => under_way.push(probe(&registry, task, member, check)),
                Err(at) => {
                    next = at;
                    break;
                }
            }
        }
        let wake = async {
            match next {
                Some(at) => sleep_until(at).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            Some((task, health, output)) = under_way.next() => registry.found(task, health, &output),
            () = wake => {}
            changed = version.changed() => if changed.is_err() { return },
        }
    }
}

async fn probe(registry: &Registry, task: Task, member: Arc<Member>, check: Check) -> (Task, Health, String) {
    let limit = Duration::from_millis(check.timeout_ms);
    let (health, output) = match timeout(limit, ask(&check.probe, &member.node, registry.dialer())).await {
        Ok(Ok(found)) => found,
        Ok(Err(error)) => (Health::Critical, runtime::chain(&*error)),
        Err(_) => (Health::Critical, format!("no answer within {} ms", check.timeout_ms)),
    };
    (task, health, output)
}

type Error = Box<dyn std::error::Error + Send + Sync>;
type Found = Result<(Health, String), Error>;

async fn ask(probe: &Probe, node: &Node, dialer: Option<&Arc<Dialer>>) -> Found {
    let connect = async |target: &Option<String>| match target {
        Some(target) => Ok::<_, Error>((target.clone(), Stream::Plain(TcpStream::connect(target).await?))),
        None => Ok((node.address.to_string(), dialer::connect(node, dialer.map(|dialer| &**dialer as _)).await?)),
    };
    match probe {
        Probe::Ttl => Ok((Health::Passing, String::new())),
        Probe::Tcp { target } => {
            let (target, _connection) = connect(target).await?;
            Ok((Health::Passing, format!("{target} accepts connections")))
        }
        Probe::Http { path, target } => {
            let (target, stream) = connect(target).await?;
            get(&target, path, stream).await
        }
    }
}

async fn get(target: &str, path: &str, stream: Stream) -> Found {
    const CONNECTION: TaskKind = TaskKind::new("registry-probe", OnError::Log);
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    runtime::spawn(CONNECTION, async move {
        // Ends with the answer, or with whoever waits for it.
        let _ = connection.await;
    });
    let request = Request::get(path).header(header::HOST, target).header(header::CONNECTION, "close");
    let response = sender.send_request(request.body(Empty::<bytes::Bytes>::new())?).await?;
    let status = response.status();
    let body = Limited::new(response.into_body(), ANSWER_BYTES_MAX).collect().await;
    let body = body.map(|body| String::from_utf8_lossy(&body.to_bytes()).into_owned());
    let health = match status.as_u16() {
        200..=299 => Health::Passing,
        429 => Health::Warning,
        _ => Health::Critical,
    };
    Ok((health, format!("HTTP GET {path}: {status}\n{}", body.unwrap_or_default())))
}

impl Registry {
    fn due(&self) -> Result<(Task, Arc<Member>, Check), Option<Instant>> {
        self.catalogue.lock().due(Instant::now())
    }

    fn found(&self, task: Task, health: Health, output: &str) {
        self.change(|catalogue, now| catalogue.found(task, health, output, now));
    }
}

#[cfg(test)]
mod tests {
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::TcpListener,
    };

    use std::net::SocketAddr;

    use super::*;
    use crate::NodeId;

    /// Answers one connection after the other with `answer`, after reading a request.
    async fn answering(answer: &'static str) -> SocketAddr {
        const ANSWERING: TaskKind = TaskKind::new("answering", OnError::Log);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        runtime::spawn(ANSWERING, async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let _ = stream.read(&mut [0; 1_024]).await;
                let _ = stream.write_all(answer.as_bytes()).await;
            }
        });
        address
    }

    async fn found(probe: Probe, own: SocketAddr) -> (Health, String) {
        let node = Node::new(NodeId::from_u128(1), "asked", own);
        ask(&probe, &node, None).await.unwrap_or_else(|error| (Health::Critical, error.to_string()))
    }

    #[tokio::test]
    async fn an_answer_is_what_its_status_says_and_its_beginning_is_kept() {
        let path = "/health".to_owned();
        for (answer, wanted) in [
            ("HTTP/1.1 204 No Content\r\n\r\n", Health::Passing),
            ("HTTP/1.1 429 Too Many Requests\r\ncontent-length: 4\r\n\r\nbusy", Health::Warning),
            ("HTTP/1.1 301 Moved\r\ncontent-length: 0\r\n\r\n", Health::Critical),
            ("HTTP/1.1 503 Gone\r\ncontent-length: 4\r\n\r\ndown", Health::Critical),
            ("nonsense\r\n\r\n", Health::Critical),
        ] {
            let (health, output) =
                found(Probe::Http { path: path.clone(), target: None }, answering(answer).await).await;
            assert_eq!(health, wanted, "{answer:?} {output}");
            assert!(answer.len() < 50 || output.ends_with(&answer[answer.len() - 4..]), "{output}");
        }
    }

    #[tokio::test]
    async fn a_port_is_open_or_it_is_not() {
        let open = answering("").await;
        let free = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
        assert_eq!(found(Probe::Tcp { target: None }, open).await.0, Health::Passing);
        assert_eq!(found(Probe::Tcp { target: Some(free.to_string()) }, open).await.0, Health::Critical);
    }
}

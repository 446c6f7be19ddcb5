//! A backend that writes down what reaches it, byte by byte, and judges whether it can be read in one way only.

use std::{
    cmp::Ordering,
    net::{Ipv4Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use anyhow::Result;
use parking_lot::Mutex;
use runtime::{OnError, TaskKind};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    time::timeout,
};

const TASK: TaskKind = TaskKind::new("framing-backend", OnError::Log);
/// Silence after which what came is answered.
const SILENCE: Duration = Duration::from_millis(40);
const ANSWER: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok";

/// What reached the backend of a payload.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Reached {
    Nothing,
    /// Something that can be read in one way only.
    Sound,
    /// The beginning of it, broken off: no reader takes it for a request.
    Cut,
    Ambiguous,
}

/// A listening backend.
pub(super) struct Backend {
    pub(super) address: SocketAddr,
    heard: Arc<Mutex<Vec<Vec<u8>>>>,
}

impl Backend {
    /// Listens.
    pub(super) async fn start() -> Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let (address, heard) = (listener.local_addr()?, Arc::<Mutex<Vec<Vec<u8>>>>::default());
        let log = Arc::clone(&heard);
        runtime::spawn(TASK, async move {
            while let Ok((stream, _)) = listener.accept().await {
                let log = Arc::clone(&log);
                runtime::spawn(TASK, hear(stream, log));
            }
        });
        Ok(Self { address, heard })
    }

    /// Forgets what has reached it.
    pub(super) fn forget(&self) {
        self.heard.lock().clear();
    }

    /// Judges what has reached it since; the second request, which follows each payload, is nobody's fault.
    pub(super) fn reached(&self) -> Reached {
        let heard = self.heard.lock();
        let payloads = heard.iter().filter(|bytes| !bytes.starts_with(b"GET /smuggled "));
        payloads.map(|bytes| judge(bytes)).max().unwrap_or(Reached::Nothing)
    }
}

/// Reads until nothing more comes, answers and closes.
async fn hear(mut stream: TcpStream, log: Arc<Mutex<Vec<Vec<u8>>>>) {
    let (mut bytes, mut buffer) = (Vec::new(), vec![0; 16 << 10]);
    loop {
        // A connection that is opened in advance says nothing for a long time.
        let wait = if bytes.is_empty() { Duration::from_mins(1) } else { SILENCE };
        match timeout(wait, stream.read(&mut buffer)).await {
            Ok(Ok(read)) if read > 0 => bytes.extend(buffer.iter().take(read)),
            _ => break,
        }
    }
    if !bytes.is_empty() {
        // Before the answer, so that it is there when the answer has arrived.
        log.lock().push(bytes);
        let _ = stream.write_all(ANSWER).await;
    }
}

/// Judges whether every reader finds the same request in `bytes`, and nothing after it.
fn judge(bytes: &[u8]) -> Reached {
    let text = String::from_utf8_lossy(bytes);
    let Some((head, body)) = text.split_once("\r\n\r\n") else {
        return Reached::Cut;
    };
    let mut lines = head.split("\r\n");
    let request = lines.next().unwrap_or_default().split(' ').count() == 3;
    let fields: Vec<_> = lines.map(|line| line.split_once(':').unwrap_or_default()).collect();
    let values = |wanted: &str| -> Vec<&str> {
        let named = fields.iter().filter(|(name, _)| name.eq_ignore_ascii_case(wanted));
        named.map(|(_, value)| value.trim_matches([' ', '\t'])).collect()
    };
    let plain = !head.replace("\r\n", "").contains(['\r', '\n', '\0']);
    let named = fields.iter().all(|(name, _)| !name.is_empty() && !name.contains([' ', '\t', '\u{b}']));
    let connection = values("connection");
    let mut options = connection.iter().flat_map(|value| value.split(','));
    let nominated = options.any(|name| !values(name.trim()).is_empty());
    if !request || !plain || !named || nominated || values("host").len() != 1 {
        return Reached::Ambiguous;
    }
    match (&values("content-length")[..], &values("transfer-encoding")[..]) {
        ([], []) => compare(body.len(), 0),
        ([length], []) if length.bytes().all(|byte| byte.is_ascii_digit()) => {
            length.parse().map_or(Reached::Ambiguous, |length| compare(body.len(), length))
        }
        ([], [coding]) if coding.eq_ignore_ascii_case("chunked") => judge_chunks(body),
        _ => Reached::Ambiguous,
    }
}

fn compare(bytes: usize, stated: usize) -> Reached {
    match bytes.cmp(&stated) {
        Ordering::Less => Reached::Cut,
        Ordering::Equal => Reached::Sound,
        Ordering::Greater => Reached::Ambiguous,
    }
}

/// Judges a sequence of chunks, which must have its end and no trailers.
fn judge_chunks(mut body: &str) -> Reached {
    loop {
        let (size, rest) = body.split_once("\r\n").unwrap_or((body, ""));
        if size.is_empty() && rest.is_empty() {
            return Reached::Cut;
        }
        let digits = size.bytes().all(|byte| byte.is_ascii_hexdigit());
        let Some(size) = usize::from_str_radix(size, 16).ok().filter(|_| digits) else {
            return Reached::Ambiguous;
        };
        if rest.len() < size.saturating_add(2) {
            return Reached::Cut;
        }
        match rest.get(size..).and_then(|rest| rest.strip_prefix("\r\n")) {
            Some(rest) if size == 0 => return compare(rest.len(), 0),
            Some(rest) => body = rest,
            None => return Reached::Ambiguous,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_can_be_read_in_one_way_is_sound() {
        let check = |lines: &str, body: &str| judge(format!("POST / HTTP/1.1\r\n{lines}\r\n\r\n{body}").as_bytes());
        for (lines, body, expected) in [
            ("Host: a", "", Reached::Sound),
            ("Host: a\r\nContent-Length: 5", "hello", Reached::Sound),
            ("Host: a\r\nTransfer-Encoding: chunked", "5\r\nhello\r\n0\r\n\r\n", Reached::Sound),
            ("Host: a\r\nContent-Length: 5", "hell", Reached::Cut),
            ("Host: a\r\nTransfer-Encoding: chunked", "5\r\nhello\r\n", Reached::Cut),
            ("Host: a\r\nTransfer-Encoding: chunked", "", Reached::Cut),
        ] {
            assert_eq!(check(lines, body), expected, "{lines:?}");
        }
        for (lines, body) in [
            ("X: y", ""),
            ("Host: a\r\nHost: a", ""),
            ("Host: a\r\nContent-Length: 5\r\nContent-Length: 5", "hello"),
            ("Host: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked", "0\r\n\r\n"),
            ("Host: a\r\nContent-Length: 5", "helloGET /"),
            ("Host: a\r\nTransfer-Encoding: gzip, chunked", "0\r\n\r\n"),
            ("Host: a\r\nTransfer-Encoding: chunked", "0\r\nT: v\r\n\r\n"),
            ("Host: a\r\nX: y\nz: 1", ""),
            ("Host: a\r\nConnection: X-Auth\r\nX-Auth: 1", ""),
        ] {
            assert_eq!(check(lines, body), Reached::Ambiguous, "{lines:?}");
        }
    }
}

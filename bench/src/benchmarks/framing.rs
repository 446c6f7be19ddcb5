//! The framing scorecard: raw payloads to each proxy, in front of a backend that writes down what reaches it.
//!
//! A proxy may refuse a payload, or pass it on in words that can be read in one way only. Start reading at [`run`].

mod backend;
mod payloads;

use std::{fs, net::SocketAddr, time::Duration};

use anyhow::{Context, Result, bail};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

use self::{
    backend::{Backend, Reached},
    payloads::Payload,
};
use super::gateway::peers;
use crate::{figures::figure, installation};

/// Silence after which a proxy has said all that it says.
const SILENCE: Duration = Duration::from_millis(300);
const NAMES: [&str; 4] = [peers::OURS, peers::NGINX, "haproxy", "hyper"];

/// What became of one payload at one proxy.
struct Outcome {
    /// The status of the first answer; none when the connection was closed without one.
    status: Option<u16>,
    reached: Reached,
}

/// One proxy's outcomes.
struct Column {
    name: &'static str,
    outcomes: Vec<Outcome>,
}

/// Sends every payload to every proxy that is installed, prints the table, and with `--write FILE` writes it as a page.
pub(super) async fn run(arguments: Vec<String>) -> Result<()> {
    let file = match &arguments[..] {
        [] => None,
        [option, file] if option == "--write" => Some(file),
        _ => bail!("only --write FILE is understood"),
    };
    let payloads = payloads::all();
    let mut columns = Vec::new();
    for name in NAMES {
        match column(name, &payloads).await {
            Ok(column) => columns.push(column),
            Err(error) if name == "haproxy" || name == peers::NGINX => println!("{name} is left out: {error:#}"),
            Err(error) => return Err(error.context(name)),
        }
    }
    let table = table(&payloads, &columns);
    println!("{table}");
    for column in &columns {
        let ambiguous = column.outcomes.iter().filter(|outcome| outcome.reached == Reached::Ambiguous).count();
        figure(&format!("framing.{}_ambiguous", column.name), ambiguous);
    }
    if let Some(file) = file {
        fs::write(file, page(&table)).with_context(|| format!("{file} cannot be written"))?;
    }
    Ok(())
}

async fn column(name: &'static str, payloads: &[Payload]) -> Result<Column> {
    let folder = installation::folder()?;
    let backend = Backend::start().await?;
    let proxy = peers::contender(name, folder.path(), backend.address).await?;
    let mut outcomes = Vec::with_capacity(payloads.len());
    for payload in payloads {
        backend.forget();
        let status = send(proxy.address, &payload.bytes).await?;
        outcomes.push(Outcome { status, reached: backend.reached() });
    }
    Ok(Column { name, outcomes })
}

/// Sends bytes on a connection of their own and returns the first answer's status.
async fn send(address: SocketAddr, bytes: &[u8]) -> Result<Option<u16>> {
    let mut stream = TcpStream::connect(address).await?;
    // The other side may close before it has read everything.
    let _ = stream.write_all(bytes).await;
    let (mut answer, mut buffer) = (Vec::new(), vec![0; 16 << 10]);
    while let Ok(Ok(read)) = timeout(SILENCE, stream.read(&mut buffer)).await {
        let Some(new) = buffer.get(..read).filter(|new| !new.is_empty()) else {
            break;
        };
        answer.extend_from_slice(new);
    }
    Ok(String::from_utf8_lossy(&answer).split(' ').nth(1).and_then(|status| status.parse().ok()))
}

impl Outcome {
    fn cell(&self) -> String {
        let status = self.status.map_or_else(|| "closed".to_owned(), |status| status.to_string());
        match self.reached {
            Reached::Nothing => status,
            Reached::Sound => status + " passed",
            Reached::Cut => status + " cut off",
            Reached::Ambiguous => format!("**{status} ambiguous**"),
        }
    }
}

fn table(payloads: &[Payload], columns: &[Column]) -> String {
    let names: Vec<_> = columns.iter().map(|column| column.name).collect();
    let mut text = format!("| payload | {} |\n|---|{}\n", names.join(" | "), "---|".repeat(names.len()));
    for (index, payload) in payloads.iter().enumerate() {
        let cells = columns.iter().filter_map(|column| column.outcomes.get(index)).map(Outcome::cell);
        let cells: Vec<_> = cells.collect();
        text.extend(["| ", payload.name, " | ", &cells.join(" | "), " |\n"]);
    }
    text
}

fn page(table: &str) -> String {
    format!(
        "# Framing scorecard\n\nWritten by `cargo xtask bench framing --write docs/guides/framing.md`.\n\
         Each payload is sent as raw bytes and followed by a second request.\n\
         A cell holds the status of the first answer.\n\
         `passed` says that a request reached the backend, in words that can be read in one way only; \
         `ambiguous` that it could be read in several.\n\
         `cut off` says that the beginning of one reached it and the connection was then closed, so that no reader takes it for a request.\n\
         `ours` is the gateway, `hyper` a plain proxy made of that library.\n\n{table}"
    )
}

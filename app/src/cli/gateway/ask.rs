//! The commands that ask a running gateway, by its admin listener and with the installation's key.

use std::{
    io::Write,
    net::{IpAddr, SocketAddr},
    time::Duration,
};

use anyhow::{Context, Result, bail};
use bytes::Bytes;
use gateway::admin::KEY_HEADER;
use http::{Method, Request, Uri, uri::Authority};
use mesh::{Channel, Discovery, Node, NodeId};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

use super::{ADDRESS, KEY_PURPOSE, explanation, whereabouts};
use crate::{cli::place::Place, parts::Parts};

const ANSWER_MAX: Duration = Duration::from_secs(5);
const SERVICE: &str = "gateway";

/// `fpms gateway explain`
#[derive(Debug, clap::Args)]
pub struct Explain {
    /// The request's method
    #[arg(value_name = "METHOD")]
    method: Method,
    /// The request's address, with scheme and host
    #[arg(value_name = "URL")]
    url: Uri,
    /// A header of the request, as `name: value`; may be given again
    #[arg(long = "header", value_name = "LINE")]
    headers: Vec<String>,
    /// The client's address
    #[arg(long, value_name = "IP")]
    address: Option<IpAddr>,
    /// The person who is signed in, for limits
    #[arg(long, value_name = "ID")]
    person: Option<String>,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    place: Place,
}

/// `fpms gateway forget`
#[derive(Debug, clap::Args)]
pub struct Forget {
    /// The path of the answers, with all that lies below it
    #[arg(long, value_name = "PATH", conflicts_with = "tag", required_unless_present = "tag")]
    path: Option<String>,
    /// A tag that the answers carry in `cache-tag`
    #[arg(long, value_name = "TAG")]
    tag: Option<String>,
    #[command(flatten)]
    place: Place,
}

impl Explain {
    pub(super) fn run(&self, out: &mut impl Write) -> Result<()> {
        let host = self.url.authority().map(Authority::host).context("the address needs a scheme and a host")?;
        let path = self.url.path_and_query().map_or("/", |path| path.as_str());
        let address = self.address.map(|address| address.to_string());
        let mut pairs = vec![("method", self.method.as_str()), ("host", host), ("path", path)];
        pairs.extend(self.headers.iter().map(|line| ("header", line.as_str())));
        pairs.extend(address.as_deref().map(|address| ("address", address)));
        pairs.extend(self.person.as_deref().map(|person| ("person", person)));
        let told = ask(&self.place, &Method::GET, "/explain", &pairs)?;
        // The newest is the one whose settings are of now.
        let told = told.last().context("no gateway answered")?;
        if self.json {
            writeln!(out, "{}", serde_json::to_string_pretty(told)?)?;
            return Ok(());
        }
        explanation::print(told, out)
    }
}

impl Forget {
    pub(super) fn run(&self, out: &mut impl Write) -> Result<()> {
        let path = self.path.as_deref().map(|path| ("path", path));
        let tag = self.tag.as_deref().map(|tag| ("tag", tag));
        let pairs: Vec<_> = path.into_iter().chain(tag).collect();
        let told = ask(&self.place, &Method::POST, "/cache/forget", &pairs)?;
        let forgotten: u64 = told.iter().filter_map(|told| told.get("forgotten").and_then(Value::as_u64)).sum();
        writeln!(out, "{forgotten} answers forgotten")?;
        Ok(())
    }
}

/// Asks every gateway of this machine.
fn ask(place: &Place, method: &Method, path: &str, pairs: &[(&str, &str)]) -> Result<Vec<Value>> {
    let encode = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
    let query: Vec<_> = pairs.iter().map(|(name, value)| format!("{name}={}", encode(value))).collect();
    let uri = format!("{path}?{}", query.join("&"));
    crate::cli::block_on(place, async |parts| {
        let mut told = Vec::new();
        for address in whereabouts::all(&parts.folder(ADDRESS))? {
            told.push(send(parts, address, method.clone(), &uri).await?);
        }
        Ok(told)
    })
}

async fn send(parts: &Parts, address: SocketAddr, method: Method, uri: &str) -> Result<Value> {
    let channel = Channel::new(
        Discovery::fixed([Node::new(NodeId::from_u128(1), SERVICE, address)]),
        mesh::channel::Settings::default(),
    );
    let key = parts.keyring.shared_secret(KEY_PURPOSE);
    let request = Request::builder().method(method).uri(uri).header(KEY_HEADER, key.expose()).body(Bytes::new())?;
    let response = channel.call(SERVICE, request, ANSWER_MAX).await.context("asking the gateway; does it run?")?;
    let body: Value = serde_json::from_slice(response.body()).unwrap_or_default();
    if !response.status().is_success() {
        let detail = body.get("detail").and_then(Value::as_str).unwrap_or("no such call");
        bail!("the gateway answered {}: {detail}", response.status());
    }
    Ok(body)
}

//! Hosts of our own on this machine: network namespaces on a bridge, each of which can be cut off from the others.
//!
//! Needs root and `ip` of iproute2. Owns what it makes, and removes it when dropped, and what a run before it that was
//! killed has left behind. Start reading at [`Hosts::make`].

use std::{
    net::{IpAddr, Ipv4Addr},
    path::Path,
    process::{Command, Stdio},
};

use anyhow::{Context, Result, ensure};
use rustix::process::geteuid;

/// How many hosts there are besides this one.
const COUNT: u8 = 2;
/// What the names of our namespaces begin with; the id of the process that made them follows.
const PREFIX: &str = "fpms-bench-";
/// The same of bridges and of cables; an interface's name has 15 characters at most.
const BRIDGE: &str = "fpb";
const CABLE: &str = "fpv";

/// Some hosts, and the bridge that joins them with this one.
pub(crate) struct Hosts {
    process: u32,
    /// The network 198.18.N.0/24, of those that are set aside for benchmarks (RFC 2544).
    network: u8,
}

impl Hosts {
    /// Makes the hosts.
    pub(crate) fn make() -> Result<Self> {
        ensure!(geteuid().is_root(), "hosts of our own need root: network namespaces are made with `ip netns add`");
        ip("-V").context("hosts of our own need the command `ip` of iproute2")?;
        remove_abandoned()?;
        let process = std::process::id();
        let hosts = Self { process, network: free_network()? };
        // From here on whatever was made is removed when this is dropped.
        hosts.build().context("network namespaces and a bridge cannot be made here")?;
        Ok(hosts)
    }

    /// Returns the address of this host, on which the others reach it.
    pub(crate) fn own_address(&self) -> IpAddr {
        self.address_of(1)
    }

    /// Returns the address of one of the hosts.
    pub(crate) fn address(&self, host: usize) -> IpAddr {
        self.address_of(number(host) + 2)
    }

    /// Returns `program` as a command that runs on one of the hosts, under the same process id.
    pub(crate) fn command(&self, host: usize, program: &Path) -> Command {
        let mut command = Command::new("ip");
        command.args(["netns", "exec", &self.namespace(number(host))]).arg(program);
        command
    }

    /// Cuts one of the hosts off, as a cable that is pulled does: nobody is told, nothing arrives.
    pub(crate) fn cut(&self, host: usize) -> Result<()> {
        ip(&format!("link set {} down", self.cable(number(host))))
    }

    /// Joins it again.
    pub(crate) fn join(&self, host: usize) -> Result<()> {
        ip(&format!("link set {} up", self.cable(number(host))))
    }

    fn build(&self) -> Result<()> {
        let bridge = self.bridge();
        ip(&format!("link add {bridge} type bridge"))?;
        ip(&format!("addr add {}/24 dev {bridge}", self.own_address()))?;
        ip(&format!("link set {bridge} up"))?;
        for host in 0..COUNT {
            let (namespace, cable) = (self.namespace(host), self.cable(host));
            ip(&format!("netns add {namespace}"))?;
            ip(&format!("link add {cable} type veth peer name eth0 netns {namespace}"))?;
            ip(&format!("link set {cable} master {bridge} up"))?;
            ip(&format!("-n {namespace} addr add {}/24 dev eth0", self.address_of(host + 2)))?;
            ip(&format!("-n {namespace} link set eth0 up"))?;
            ip(&format!("-n {namespace} link set lo up"))?;
        }
        Ok(())
    }

    fn address_of(&self, last: u8) -> IpAddr {
        Ipv4Addr::new(198, 18, self.network, last).into()
    }

    fn namespace(&self, host: u8) -> String {
        format!("{PREFIX}{}-{host}", self.process)
    }

    fn bridge(&self) -> String {
        format!("{BRIDGE}{}", self.process)
    }

    fn cable(&self, host: u8) -> String {
        format!("{CABLE}{}.{host}", self.process)
    }
}

impl Drop for Hosts {
    fn drop(&mut self) {
        // Each may not have been made; a cable goes with either of its ends.
        for host in 0..COUNT {
            let _ = ip(&format!("netns del {}", self.namespace(host)));
            let _ = ip(&format!("link del {}", self.cable(host)));
        }
        let _ = ip(&format!("link del {}", self.bridge()));
    }
}

fn number(host: usize) -> u8 {
    u8::try_from(host).unwrap_or(u8::MAX) % COUNT
}

/// Removes what runs that were killed have left behind.
fn remove_abandoned() -> Result<()> {
    for line in output("netns list")?.lines() {
        let name = line.split_whitespace().next().unwrap_or_default();
        if name.strip_prefix(PREFIX).is_some_and(is_abandoned) {
            ip(&format!("netns del {name}"))?;
        }
    }
    // A cable outlives the name of its namespace where a process does.
    for line in output("-o link show")?.lines() {
        let name = line.split([' ', '@']).nth(1).unwrap_or_default().trim_end_matches(':');
        if [BRIDGE, CABLE].iter().any(|prefix| name.strip_prefix(prefix).is_some_and(is_abandoned)) {
            ip(&format!("link del {name}"))?;
        }
    }
    Ok(())
}

/// Returns whether a name, after its prefix, begins with the id of a process that is gone.
fn is_abandoned(rest: &str) -> bool {
    let process = rest.split(['-', '.']).next().and_then(|process| process.parse::<u32>().ok());
    process.is_some_and(|process| !Path::new(&format!("/proc/{process}")).exists())
}

/// Returns the number of a network for benchmarks that no interface here is in.
fn free_network() -> Result<u8> {
    let taken = output("-4 -o addr show")?;
    let free = |number: &u8| !taken.contains(&format!(" 198.18.{number}."));
    (1..=250).find(free).context("all networks for benchmarks are taken")
}

fn ip(arguments: &str) -> Result<()> {
    output(arguments).map(|_| ())
}

fn output(arguments: &str) -> Result<String> {
    let mut command = Command::new("ip");
    let output = command.args(arguments.split(' ')).stdin(Stdio::null()).output().context("`ip` cannot be started")?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "`ip {arguments}`: {}", said.trim());
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

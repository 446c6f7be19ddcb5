//! The product's binary as a small cluster: a registry, a gateway and two nodes with every service, on one data folder.
//! All of them on this host, or each of the two nodes on one of its own.

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener},
    process::{Command, Stdio},
    time::Duration,
};

use anyhow::{Context, Result, ensure};
use rustix::process::{Pid, Signal, kill_process};
use tokio::{
    process::{Child, Command as AsyncCommand},
    time::{self, Instant},
};

use crate::{
    hosts::Hosts,
    http::{Ask, Connection},
    server::{self, Place},
};

const SERVICES: &str = "identity,projects,files,notifications,console";
const READY_MAX: Duration = Duration::from_secs(30);
const POLL: Duration = Duration::from_millis(20);

/// The processes; killed when dropped.
pub(crate) struct Cluster {
    /// Where the registry listens.
    pub(crate) registry_address: SocketAddr,
    pub(crate) registry: Member,
    /// Two nodes, each with every service.
    pub(crate) replicas: [Member; 2],
    _gateway: Member,
    /// What the nodes are on, where they are not on this host; gone after them.
    pub(crate) hosts: Option<Hosts>,
}

/// One process of the cluster, which can fail and come back.
pub(crate) struct Member {
    command: AsyncCommand,
    child: Child,
}

impl Cluster {
    /// Starts the processes on the data in `place`, the gateway where `place` listens, and waits until `ask` is answered well.
    pub(crate) async fn start(place: &Place, hosts: Option<Hosts>, ask: &Ask) -> Result<Self> {
        let own_address = hosts.as_ref().map_or_else(|| Ipv4Addr::LOCALHOST.into(), Hosts::own_address);
        let registry_address = TcpListener::bind((own_address, 0))?.local_addr()?;
        let here =
            |roles: &str| Member::start(place, registry_address, (Command::new(server::binary()?), own_address), roles);
        let replica = |number: usize| match &hosts {
            None => here(SERVICES),
            Some(hosts) => {
                let ground = (hosts.command(number, &server::binary()?), hosts.address(number));
                Member::start(place, registry_address, ground, SERVICES)
            }
        };
        let registry = here("registry")?;
        let replicas = [replica(0)?, replica(1)?];
        let gateway = here("gateway")?;
        let cluster = Self { registry_address, registry, replicas, _gateway: gateway, hosts };
        first_answer(place.address, ask).await?;
        Ok(cluster)
    }
}

impl Member {
    /// Starts `command`, which runs the product's binary where `address` is.
    fn start(
        place: &Place,
        registry: SocketAddr,
        (mut command, address): (Command, IpAddr),
        roles: &str,
    ) -> Result<Self> {
        place.tell(&mut command);
        command.args(["--role", roles]).env("FPMS_MESH__REGISTRY", registry.to_string());
        command.env("FPMS_MESH__ADDRESS", SocketAddr::new(address, 0).to_string()).env("FPMS_LOG__FILTER", "error");
        let mut command = AsyncCommand::from(command);
        command.stdout(Stdio::null()).kill_on_drop(true);
        let child = command.spawn().with_context(|| format!("the node for {roles} cannot be started"))?;
        Ok(Self { command, child })
    }

    /// Ends the process as `kill -9` does.
    pub(crate) async fn kill(&mut self) -> Result<()> {
        Ok(self.child.kill().await?)
    }

    /// Starts the process anew.
    pub(crate) fn restart(&mut self) -> Result<()> {
        self.child = self.command.spawn()?;
        Ok(())
    }

    /// Stops the process without ending it, as a machine that swaps or a frozen virtual machine does.
    pub(crate) fn freeze(&self) -> Result<()> {
        self.signal(Signal::STOP)
    }

    /// Lets a stopped process go on.
    pub(crate) fn thaw(&self) -> Result<()> {
        self.signal(Signal::CONT)
    }

    fn signal(&self, signal: Signal) -> Result<()> {
        let id =
            self.child.id().and_then(|id| Pid::from_raw(i32::try_from(id).ok()?)).context("the process has ended")?;
        Ok(kill_process(id, signal)?)
    }
}

async fn first_answer(address: SocketAddr, ask: &Ask) -> Result<()> {
    let began = Instant::now();
    loop {
        if let Ok(mut connection) = Connection::open(address).await
            && connection.send(ask).await.is_ok_and(|answer| answer.status.is_success())
        {
            return Ok(());
        }
        ensure!(began.elapsed() < READY_MAX, "the cluster gave no answer within {} s", READY_MAX.as_secs());
        time::sleep(POLL).await;
    }
}

//! Whether a node could listen where its settings say, and whom it would find there.

use std::{io::ErrorKind, net::SocketAddr, time::Duration};

use tokio::{
    net::{TcpListener, TcpStream},
    time::timeout,
};

use super::{Finding, bad, good, warning};

/// Longest wait for somebody to answer.
const ANSWER_MAX: Duration = Duration::from_secs(1);

/// Looks at an address of this node's own; `chosen` says what becomes of port 0.
pub(super) async fn own(setting: &str, address: SocketAddr, chosen: &str) -> Finding {
    let what = format!("port of {setting}");
    if address.port() == 0 {
        return good(what, format!("port 0: {chosen}"));
    }
    match TcpListener::bind(address).await {
        Ok(_) => good(what, format!("{address} is free")),
        Err(_) if answers(address).await => {
            warning(what, format!("{address} is in use; a node may be running already"))
        }
        Err(error) => bad(what, format!("{address} cannot be listened on: {error}")),
    }
}

/// Looks at the registry's address, which is this node's own only in the role `registry`.
pub(super) async fn registry(address: SocketAddr) -> Finding {
    let what = "port of mesh.registry";
    if address.port() == 0 {
        return good(what, "port 0: one process has all roles, and no other finds its registry");
    }
    match TcpListener::bind(address).await {
        Ok(_) => good(what, format!("{address} is free; nodes without the role `registry` wait for one there")),
        Err(_) if answers(address).await => good(what, format!("{address} answers; a registry may be running there")),
        Err(error) if error.kind() == ErrorKind::AddrNotAvailable => {
            warning(what, format!("{address} is of another machine, and nobody answers there"))
        }
        Err(error) => bad(what, format!("{address} cannot be listened on: {error}")),
    }
}

async fn answers(address: SocketAddr) -> bool {
    timeout(ANSWER_MAX, TcpStream::connect(address)).await.is_ok_and(|connected| connected.is_ok())
}

#[cfg(test)]
mod tests {
    use super::{super::State, *};

    fn address(text: &str) -> SocketAddr {
        text.parse().unwrap()
    }

    #[tokio::test]
    async fn port_0_is_chosen_and_never_called_free() {
        for finding in [own("listen", address("127.0.0.1:0"), "chosen").await, registry(address("127.0.0.1:0")).await] {
            assert_eq!(finding.state, State::Good);
            assert!(finding.detail.starts_with("port 0: ") && !finding.detail.contains("free"), "{}", finding.detail);
        }
    }

    #[tokio::test]
    async fn a_port_in_use_is_told_from_a_free_one() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let taken = listener.local_addr().unwrap();
        let finding = own("listen", taken, "").await;
        assert_eq!((finding.state, finding.detail.contains("is in use")), (State::Warning, true));
        assert!(registry(taken).await.detail.contains(" answers"));
        drop(listener);
        assert!(own("listen", taken, "").await.detail.ends_with(" is free"));
    }

    #[tokio::test]
    async fn the_registry_may_be_of_another_machine() {
        // An address for documents (RFC 5737), which no machine has.
        let finding = registry(address("192.0.2.1:7000")).await;
        assert_eq!((finding.state, finding.detail.contains("another machine")), (State::Warning, true));
    }
}

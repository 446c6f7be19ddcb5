//! Whether a node could listen where its settings say, and whom it would find there.

use std::{net::SocketAddr, time::Duration};

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

/// Looks for the registry that a node without the role `registry` turns to.
pub(super) async fn registry(address: SocketAddr) -> Finding {
    let what = "registry";
    if address.port() == 0 {
        return bad(what, "`mesh.registry` has port 0: a node without the role `registry` must be told where it is");
    }
    if answers(address).await {
        good(what, format!("{address} answers"))
    } else {
        warning(what, format!("nobody answers at {address}; the node waits for a registry there"))
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
        let finding = own("listen", address("127.0.0.1:0"), "chosen").await;
        assert_eq!((finding.state, finding.detail.as_str()), (State::Good, "port 0: chosen"));
        assert_eq!(registry(address("127.0.0.1:0")).await.state, State::Bad);
    }

    #[tokio::test]
    async fn a_port_in_use_is_told_from_a_free_one() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let taken = listener.local_addr().unwrap();
        let finding = own("listen", taken, "").await;
        assert_eq!((finding.state, finding.detail.contains("is in use")), (State::Warning, true));
        assert_eq!(registry(taken).await.state, State::Good);
        drop(listener);
        assert!(own("listen", taken, "").await.detail.ends_with(" is free"));
        let finding = registry(taken).await;
        assert_eq!((finding.state, finding.detail.contains("nobody answers")), (State::Warning, true));
    }
}

//! Listening sockets, one for each worker on the same port; the kernel spreads the connections over them.

use std::{io, net::SocketAddr};

use socket2::{Domain, Protocol, Socket, Type};

const BACKLOG: i32 = 4_096;

/// Binds a socket for each worker.
pub(super) fn bind(address: SocketAddr, workers: usize) -> io::Result<Vec<std::net::TcpListener>> {
    // Without sharing first: another process that shares its port too would else take half of our connections.
    let first = socket(address, false)?;
    if workers == 1 {
        first.listen(BACKLOG)?;
        return Ok(vec![first.into()]);
    }
    let taken = first.local_addr()?.as_socket().unwrap_or(address);
    drop(first);
    let shared = || {
        let socket = socket(taken, true)?;
        socket.listen(BACKLOG)?;
        Ok(socket.into())
    };
    (0..workers).map(|_| shared()).collect()
}

fn socket(address: SocketAddr, share: bool) -> io::Result<Socket> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    socket.set_reuse_address(true)?;
    socket.set_reuse_port(share)?;
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    Ok(socket)
}

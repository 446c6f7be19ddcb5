//! A connection from outside before HTTP: its socket with or without TLS, and the version of HTTP it will speak.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll},
};

use bytes::{Buf, Bytes, BytesMut};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, ReadBuf},
    net::TcpStream,
};
use tokio_rustls::server::TlsStream;

use crate::tls;

/// What a client that speaks HTTP/2 sends first (RFC 9113, 3.4).
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// The version of HTTP that a connection speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Protocol {
    /// HTTP/1.1 or HTTP/1.0.
    Http1,
    /// HTTP/2.
    Http2,
}

/// The two directions of a connection in the clear.
pub(crate) struct Wire {
    socket: Socket,
    /// What was read to find out the version.
    early: Bytes,
}

enum Socket {
    Plain(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
}

impl Wire {
    /// Returns a connection without TLS, which speaks HTTP/1.
    pub(crate) fn plain(stream: TcpStream) -> Self {
        Self { socket: Socket::Plain(stream), early: Bytes::new() }
    }

    /// Returns a connection with TLS, and the version agreed on in the handshake.
    pub(crate) fn tls(stream: TlsStream<TcpStream>) -> (Self, Protocol) {
        let agreed = stream.get_ref().1.alpn_protocol();
        let protocol = if agreed == Some(tls::H2) { Protocol::Http2 } else { Protocol::Http1 };
        (Self { socket: Socket::Tls(Box::new(stream)), early: Bytes::new() }, protocol)
    }

    /// Returns a connection without TLS, and the version that its first bytes are of.
    pub(crate) async fn sniff(mut stream: TcpStream) -> io::Result<(Self, Protocol)> {
        let mut early = BytesMut::with_capacity(PREFACE.len());
        while early.len() < PREFACE.len() && PREFACE.starts_with(&early) {
            let missing = PREFACE.len() - early.len();
            if (&mut stream).take(missing as u64).read_buf(&mut early).await? == 0 {
                break;
            }
        }
        let protocol = if early == PREFACE { Protocol::Http2 } else { Protocol::Http1 };
        Ok((Self { socket: Socket::Plain(stream), early: early.freeze() }, protocol))
    }
}

impl AsyncRead for Wire {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if !this.early.is_empty() {
            let count = this.early.len().min(buffer.remaining());
            buffer.put_slice(this.early.get(..count).unwrap_or_default());
            this.early.advance(count);
            return Poll::Ready(Ok(()));
        }
        match &mut this.socket {
            Socket::Plain(stream) => Pin::new(stream).poll_read(cx, buffer),
            Socket::Tls(stream) => Pin::new(stream).poll_read(cx, buffer),
        }
    }
}

impl AsyncWrite for Wire {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match &mut self.get_mut().socket {
            Socket::Plain(stream) => Pin::new(stream).poll_write(cx, bytes),
            Socket::Tls(stream) => Pin::new(stream).poll_write(cx, bytes),
        }
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        pieces: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        match &mut self.get_mut().socket {
            Socket::Plain(stream) => Pin::new(stream).poll_write_vectored(cx, pieces),
            Socket::Tls(stream) => Pin::new(stream).poll_write_vectored(cx, pieces),
        }
    }

    fn is_write_vectored(&self) -> bool {
        match &self.socket {
            Socket::Plain(stream) => stream.is_write_vectored(),
            Socket::Tls(stream) => stream.is_write_vectored(),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.get_mut().socket {
            Socket::Plain(stream) => Pin::new(stream).poll_flush(cx),
            Socket::Tls(stream) => Pin::new(stream).poll_flush(cx),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.get_mut().socket {
            Socket::Plain(stream) => Pin::new(stream).poll_shutdown(cx),
            Socket::Tls(stream) => Pin::new(stream).poll_shutdown(cx),
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::{io::AsyncWriteExt, net::TcpListener};

    use super::*;

    #[tokio::test]
    async fn the_version_is_told_from_the_first_bytes_and_none_of_them_is_lost() {
        let http1 = (b"GET / HTTP/1.1\r\nHost: a\r\n\r\n".as_slice(), Protocol::Http1);
        let post = (b"PUT / HTTP/1.1\r\n\r\n".as_slice(), Protocol::Http1);
        let http2 = (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\nmore".as_slice(), Protocol::Http2);
        let other = (b"PRI * HTTP/2.0\r\n\r\nSX\r\n\r\n".as_slice(), Protocol::Http1);
        for (bytes, expected) in [http1, post, http2, other, (b"PR", Protocol::Http1), (b"", Protocol::Http1)] {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let mut client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
            let (stream, _) = listener.accept().await.unwrap();
            let write = async {
                for byte in bytes {
                    client.write_all(&[*byte]).await.unwrap();
                    tokio::task::yield_now().await;
                }
                client.shutdown().await.unwrap();
            };
            let (sniffed, ()) = tokio::join!(Wire::sniff(stream), write);
            let (mut wire, protocol) = sniffed.unwrap();
            let mut read = Vec::new();
            wire.read_to_end(&mut read).await.unwrap();
            assert_eq!((protocol, read.as_slice()), (expected, bytes));
        }
    }
}

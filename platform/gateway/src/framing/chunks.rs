//! The framing of a chunked body (RFC 9112, 7.1), read strictly.

use bytes::{Buf, Bytes, BytesMut};

/// Bytes of a size line or of a trailer line.
const LINE_BYTES_MAX: usize = 256;
/// Bytes of all trailer lines.
const TRAILER_BYTES_MAX: usize = 4_096;
/// Hexadecimal digits of a size that cannot overflow.
const SIZE_DIGITS_MAX: usize = 15;

/// The body breaks its framing.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Malformed;

/// What a stretch of a chunked body holds.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Piece {
    /// Data.
    Data(Bytes),
    /// Nothing yet.
    More,
    /// The end of the body.
    End,
}

/// Where in a chunked body the reader is.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Chunks {
    at: At,
    /// Bytes of the line so far.
    line_bytes: usize,
    trailer_bytes: usize,
}

#[derive(Debug, PartialEq, Eq)]
enum At {
    Size { size: u64, digits: usize },
    Extension { size: u64 },
    SizeEnd { size: u64 },
    Data { left: u64 },
    DataCr,
    DataLf,
    Trailer,
    TrailerEnd,
    Done,
}

impl Default for At {
    fn default() -> Self {
        Self::Size { size: 0, digits: 0 }
    }
}

impl Chunks {
    /// Takes the next stretch of data off `input`, without its framing.
    pub(crate) fn take(&mut self, input: &mut BytesMut) -> Result<Piece, Malformed> {
        while let Some(byte) = input.first() {
            if let At::Data { left } = &mut self.at {
                let here = input.len().min(usize::try_from(*left).unwrap_or(usize::MAX));
                *left -= here as u64;
                if *left == 0 {
                    self.at = At::DataCr;
                }
                return Ok(Piece::Data(input.split_to(here).freeze()));
            }
            self.step(*byte)?;
            input.advance(1);
            if self.at == At::Done {
                return Ok(Piece::End);
            }
        }
        Ok(Piece::More)
    }

    fn step(&mut self, byte: u8) -> Result<(), Malformed> {
        self.line_bytes += 1;
        if self.line_bytes > LINE_BYTES_MAX {
            return Err(Malformed);
        }
        self.at = match (&self.at, byte) {
            (At::Size { size, digits }, _) => Self::size(*size, *digits, byte)?,
            (At::Extension { size }, b'\r') => At::SizeEnd { size: *size },
            (At::Extension { size }, b'\t' | 0x20..=0x7e) => At::Extension { size: *size },
            (At::SizeEnd { size: 0 }, b'\n') => self.new_line(At::Trailer),
            (At::SizeEnd { size }, b'\n') => {
                let left = *size;
                self.new_line(At::Data { left })
            }
            (At::DataCr, b'\r') => At::DataLf,
            (At::DataLf, b'\n') => self.new_line(At::default()),
            (At::Trailer, b'\r') => At::TrailerEnd,
            (At::Trailer, b'\t' | 0x20..=0x7e | 0x80..=0xff) => self.trailer()?,
            // A line of nothing but its end closes the body.
            (At::TrailerEnd, b'\n') if self.line_bytes == 2 => At::Done,
            (At::TrailerEnd, b'\n') => self.new_line(At::Trailer),
            _ => return Err(Malformed),
        };
        Ok(())
    }

    fn size(size: u64, digits: usize, byte: u8) -> Result<At, Malformed> {
        let digit = match byte {
            b'0'..=b'9' => byte - b'0',
            b'a'..=b'f' => byte - b'a' + 10,
            b'A'..=b'F' => byte - b'A' + 10,
            b'\r' if digits > 0 => return Ok(At::SizeEnd { size }),
            b';' if digits > 0 => return Ok(At::Extension { size }),
            _ => return Err(Malformed),
        };
        if digits >= SIZE_DIGITS_MAX {
            return Err(Malformed);
        }
        Ok(At::Size { size: size << 4 | u64::from(digit), digits: digits + 1 })
    }

    fn trailer(&mut self) -> Result<At, Malformed> {
        self.trailer_bytes += 1;
        if self.trailer_bytes > TRAILER_BYTES_MAX { Err(Malformed) } else { Ok(At::Trailer) }
    }

    fn new_line(&mut self, at: At) -> At {
        self.line_bytes = 0;
        at
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads the body in pieces of `size`; returns its data, and what follows it if it ended.
    fn read_by(body: &str, size: usize) -> Result<(Vec<u8>, Option<Vec<u8>>), Malformed> {
        let (mut chunks, mut input, mut data) = (Chunks::default(), BytesMut::new(), Vec::new());
        let mut pieces = body.as_bytes().chunks(size);
        while let Some(piece) = pieces.next() {
            input.extend_from_slice(piece);
            loop {
                match chunks.take(&mut input)? {
                    Piece::Data(bytes) => data.extend_from_slice(&bytes),
                    Piece::More => break,
                    Piece::End => {
                        let rest = pieces.flatten();
                        return Ok((data, Some(input.iter().chain(rest).copied().collect())));
                    }
                }
            }
        }
        Ok((data, None))
    }

    /// Reads the body whole and byte by byte, which must agree.
    fn read(body: &str) -> Result<(Vec<u8>, Option<Vec<u8>>), Malformed> {
        let whole = read_by(body, usize::MAX);
        assert_eq!(whole, read_by(body, 1), "{body:?}");
        whole
    }

    #[test]
    fn sound_bodies_end_where_they_say() {
        for body in ["0\r\n\r\n", "5\r\nhello\r\n0\r\n\r\n", "A;x=y\r\n0123456789\r\n00\r\nT: v\r\nU: w\r\n\r\n"] {
            let (_, rest) = read(&format!("{body}GET / HTTP/1.1")).unwrap();
            assert_eq!(rest.as_deref(), Some("GET / HTTP/1.1".as_bytes()), "{body:?}");
        }
        assert_eq!(read("5\r\nhel"), Ok((b"hel".to_vec(), None)));
    }

    #[test]
    fn data_is_taken_without_its_framing() {
        let mut input = BytesMut::from("5;x=y\r\nhello\r\n3\r\nabc");
        let mut chunks = Chunks::default();
        assert_eq!(chunks.take(&mut input), Ok(Piece::Data(Bytes::from_static(b"hello"))));
        assert_eq!(chunks.take(&mut input), Ok(Piece::Data(Bytes::from_static(b"abc"))));
        assert_eq!(chunks.take(&mut input), Ok(Piece::More));
        input.extend_from_slice(b"\r\n0\r\nT: v\r\n\r\nHTTP");
        assert_eq!(chunks.take(&mut input), Ok(Piece::End));
        assert_eq!(input, "HTTP");
    }

    #[test]
    fn anything_another_reader_could_take_otherwise_is_malformed() {
        for body in [
            "0x1\r\na\r\n0\r\n\r\n",
            "\r\n\r\n",
            ";x\r\n",
            " 1\r\na\r\n",
            "1 \r\na\r\n",
            "-1\r\na\r\n",
            "1;a\nb\r\na\r\n0\r\n\r\n",
            "1\na\r\n0\r\n\r\n",
            "1\r\nab\r\n0\r\n\r\n",
            "1\r\na\n0\r\n\r\n",
            "1\r\na\r0\r\n\r\n",
            "0\r\n\n",
            "0\r\nT: v\n\r\n",
            "fffffffffffffffff\r\n",
        ] {
            assert_eq!(read(body), Err(Malformed), "{body:?}");
        }
        assert_eq!(read(&format!("1;{}\r\n", "x".repeat(300))), Err(Malformed));
        assert_eq!(read(&format!("0\r\n{}", "T: vvvvvvvvvvvvvvvvvvv\r\n".repeat(500))), Err(Malformed));
    }
}

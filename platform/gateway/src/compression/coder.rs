//! One answer being coded, piece by piece: what goes in may come out at once, or when it is flushed.

use std::io::{self, Write};

use bytes::{BufMut, Bytes, BytesMut, buf::Writer};

use super::negotiate::Coding;

/// zstd's and gzip's effort: the most that a core can do for many answers at once.
const ZSTD_LEVEL: i32 = 3;
const GZIP_LEVEL: u32 = 4;
const BROTLI_QUALITY: u32 = 4;
/// How far back is looked for repetitions, as a power of two: memory for each answer under way.
const WINDOW_BITS: u32 = 18;
const BUFFER_BYTES: usize = 16 << 10;

type Output = Writer<BytesMut>;

/// An answer being coded.
pub(super) enum Coder {
    Zstd(Box<zstd::stream::write::Encoder<'static, Output>>),
    Brotli(Box<brotli::CompressorWriter<Output>>),
    Gzip(Box<flate2::write::GzEncoder<Output>>),
}

impl Coder {
    /// Begins an answer.
    pub(super) fn new(coding: Coding) -> io::Result<Self> {
        let output = BytesMut::new().writer();
        Ok(match coding {
            Coding::Zstd => {
                let mut encoder = zstd::stream::write::Encoder::new(output, ZSTD_LEVEL)?;
                encoder.window_log(WINDOW_BITS)?;
                Self::Zstd(Box::new(encoder))
            }
            Coding::Brotli => {
                Self::Brotli(Box::new(brotli::CompressorWriter::new(output, BUFFER_BYTES, BROTLI_QUALITY, WINDOW_BITS)))
            }
            Coding::Gzip => {
                Self::Gzip(Box::new(flate2::write::GzEncoder::new(output, flate2::Compression::new(GZIP_LEVEL))))
            }
        })
    }

    /// Takes in a piece and returns what is ready.
    pub(super) fn feed(&mut self, piece: &[u8]) -> io::Result<Bytes> {
        self.writer().write_all(piece)?;
        Ok(self.ready())
    }

    /// Returns everything taken in so far, so that whoever waits for it can read it.
    pub(super) fn flush(&mut self) -> io::Result<Bytes> {
        self.writer().flush()?;
        Ok(self.ready())
    }

    /// Ends the answer and returns the rest.
    pub(super) fn finish(self) -> io::Result<Bytes> {
        let output = match self {
            Self::Zstd(encoder) => encoder.finish()?,
            Self::Brotli(encoder) => encoder.into_inner(),
            Self::Gzip(encoder) => encoder.finish()?,
        };
        Ok(output.into_inner().freeze())
    }

    fn writer(&mut self) -> &mut dyn Write {
        match self {
            Self::Zstd(encoder) => encoder,
            Self::Brotli(encoder) => encoder,
            Self::Gzip(encoder) => encoder,
        }
    }

    fn ready(&mut self) -> Bytes {
        let output = match self {
            Self::Zstd(encoder) => encoder.get_mut(),
            Self::Brotli(encoder) => encoder.get_mut(),
            Self::Gzip(encoder) => encoder.get_mut(),
        };
        output.get_mut().split().freeze()
    }
}

#[cfg(test)]
pub(crate) fn decoded(coding: Coding, bytes: &[u8]) -> Vec<u8> {
    use std::io::Read;
    let mut plain = Vec::new();
    match coding {
        Coding::Zstd => plain = zstd::stream::decode_all(bytes).unwrap(),
        Coding::Brotli => drop(brotli::Decompressor::new(bytes, 4_096).read_to_end(&mut plain).unwrap()),
        Coding::Gzip => drop(flate2::read::GzDecoder::new(bytes).read_to_end(&mut plain).unwrap()),
    }
    plain
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn what_goes_in_comes_out_however_it_is_cut(pieces in prop::collection::vec((prop::collection::vec(0_u8..4, 0..3_000), any::<bool>()), 0..12)) {
            for coding in Coding::ALL {
                let mut coder = Coder::new(coding).unwrap();
                let (mut plain, mut coded) = (Vec::new(), Vec::new());
                for (piece, flushed) in &pieces {
                    plain.extend_from_slice(piece);
                    coded.extend_from_slice(&coder.feed(piece).unwrap());
                    if *flushed {
                        coded.extend_from_slice(&coder.flush().unwrap());
                    }
                }
                coded.extend_from_slice(&coder.finish().unwrap());
                prop_assert_eq!(decoded(coding, &coded), plain);
            }
        }
    }
}

use parquet::basic::{Compression as Codec, ZstdLevel};

use crate::file::EncodeError;

/// How pages are compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compression {
    /// Zstandard of a level from 1 to 22.
    ///
    /// Level 1 is the default: on pages that are encoded well, level 3 is several times slower and
    /// its output no smaller.
    Zstd(i32),
    /// Snappy: half the work of Zstandard and two thirds more bytes.
    Snappy,
    /// Not at all.
    Uncompressed,
}

impl Default for Compression {
    fn default() -> Self {
        Self::Zstd(1)
    }
}

impl Compression {
    /// As the file's footer names it.
    pub(crate) fn codec(self) -> Result<Codec, EncodeError> {
        Ok(match self {
            Self::Zstd(level) => Codec::ZSTD(ZstdLevel::try_new(level)?),
            Self::Snappy => Codec::SNAPPY,
            Self::Uncompressed => Codec::UNCOMPRESSED,
        })
    }
}

/// A compressor that is made once and keeps its tables.
pub(crate) enum Compressor {
    Zstd(zstd::bulk::Compressor<'static>),
    Snappy(Box<snap::raw::Encoder>),
    Uncompressed,
}

impl Compressor {
    pub(crate) fn new(compression: Compression) -> Result<Self, EncodeError> {
        Ok(match compression {
            Compression::Zstd(level) => Self::Zstd(zstd::bulk::Compressor::new(level)?),
            Compression::Snappy => Self::Snappy(Box::new(snap::raw::Encoder::new())),
            Compression::Uncompressed => Self::Uncompressed,
        })
    }

    /// What `page` is compressed to, in a vector of its own.
    pub(crate) fn compress(&mut self, page: &[u8]) -> Result<Vec<u8>, EncodeError> {
        Ok(match self {
            Self::Zstd(compressor) => compressor.compress(page)?,
            Self::Snappy(compressor) => compressor.compress_vec(page)?,
            Self::Uncompressed => page.to_vec(),
        })
    }
}

//! Sorted runs on disk: rows in compressed blocks, all of them in one file that has no name.

use std::fs::File;
use std::io::{self, Write as _};
use std::os::unix::fs::FileExt as _;
use std::path::PathBuf;

use zstd::bulk::{Compressor, Decompressor};

use super::CompactError;
use super::row::{Row, Sizes};
use super::run::Run;

/// Bytes of rows that are compressed together; the last row may reach beyond.
const BLOCK: usize = 128 << 10;
/// Zstandard's level: the disk is local, so that work counts more than bytes.
const LEVEL: i32 = -5;

/// The file of all runs, as far as there is any.
pub(super) struct Scratch {
    folder: PathBuf,
    file: Option<File>,
    /// Bytes in it.
    end: u64,
    compressor: Compressor<'static>,
    decompressor: Decompressor<'static>,
    /// A block on its way, compressed.
    packed: Vec<u8>,
}

/// A run in the file.
#[derive(Debug)]
pub(super) struct Spilled {
    blocks: Vec<Block>,
}

/// A block's place in the file, and its sizes in bytes.
#[derive(Debug)]
struct Block {
    at: u64,
    packed: usize,
    plain: usize,
}

impl Scratch {
    pub(super) fn new(folder: PathBuf) -> Result<Self, CompactError> {
        let tools = Compressor::new(LEVEL).and_then(|compressor| Ok((compressor, Decompressor::new()?)));
        match tools {
            Ok((compressor, decompressor)) => Ok(Self {
                folder,
                file: None,
                end: 0,
                compressor,
                decompressor,
                packed: Vec::new(),
            }),
            Err(source) => Err(CompactError::Scratch { folder, source }),
        }
    }

    /// Writes a sorted run.
    pub(super) fn write(&mut self, run: &Run) -> Result<Spilled, CompactError> {
        self.try_write(run).map_err(|source| self.error(source))
    }

    fn try_write(&mut self, run: &Run) -> io::Result<Spilled> {
        let (mut blocks, mut block) = (Vec::new(), Vec::with_capacity(BLOCK));
        for row in (0..run.len()).filter_map(|place| run.row(place)) {
            block.extend_from_slice(row.bytes());
            if block.len() >= BLOCK {
                blocks.push(self.append(&block)?);
                block.clear();
            }
        }
        if !block.is_empty() {
            blocks.push(self.append(&block)?);
        }
        // They are read from the end, so that one can be taken off.
        blocks.reverse();
        Ok(Spilled { blocks })
    }

    fn append(&mut self, block: &[u8]) -> io::Result<Block> {
        let packed = self.compressor.compress(block)?;
        let file = match &mut self.file {
            Some(file) => file,
            // The file goes with the last handle to it, even when the process is killed.
            none => none.insert(tempfile::tempfile_in(&self.folder)?),
        };
        file.write_all(&packed)?;
        let at = self.end;
        self.end += packed.len() as u64;
        Ok(Block {
            at,
            packed: packed.len(),
            plain: block.len(),
        })
    }

    /// Reads the next block of a run into `block`; `false` at the run's end.
    pub(super) fn read(&mut self, run: &mut Spilled, block: &mut Vec<u8>) -> Result<bool, CompactError> {
        self.try_read(run, block).map_err(|source| self.error(source))
    }

    fn try_read(&mut self, run: &mut Spilled, block: &mut Vec<u8>) -> io::Result<bool> {
        let (Some(next), Some(file)) = (run.blocks.pop(), &self.file) else {
            return Ok(false);
        };
        self.packed.resize(next.packed, 0);
        file.read_exact_at(&mut self.packed, next.at)?;
        block.clear();
        block.reserve(next.plain);
        let plain = self.decompressor.decompress_to_buffer(&self.packed, block)?;
        if plain != next.plain {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "a block has another length"));
        }
        Ok(true)
    }

    fn error(&self, source: io::Error) -> CompactError {
        CompactError::Scratch {
            folder: self.folder.clone(),
            source,
        }
    }
}

/// The row of a block that is next.
#[derive(Debug)]
pub(super) struct Cursor {
    run: Spilled,
    block: Vec<u8>,
    at: usize,
    sizes: Sizes,
}

impl Cursor {
    /// A cursor at the first row; `None` where there is none.
    pub(super) fn new(run: Spilled, sizes: Sizes, scratch: &mut Scratch) -> Result<Option<Self>, CompactError> {
        let mut cursor = Self {
            run,
            block: Vec::new(),
            at: 0,
            sizes,
        };
        Ok(scratch.read(&mut cursor.run, &mut cursor.block)?.then_some(cursor))
    }

    #[inline]
    pub(super) fn row(&self) -> Option<Row<'_>> {
        Row::first(self.block.get(self.at..)?, self.sizes)
    }

    /// Steps to the next row; `false` behind the last one.
    #[inline]
    pub(super) fn advance(&mut self, scratch: &mut Scratch) -> Result<bool, CompactError> {
        self.at += self.row().map_or(0, |row| row.bytes().len());
        if self.at < self.block.len() {
            return Ok(true);
        }
        self.at = 0;
        scratch.read(&mut self.run, &mut self.block)
    }
}

//! The rows of one hour to a Parquet file: one row group, and pages of at most [`PAGE_ROWS`] rows.

mod page;
mod statistics;

use std::sync::Arc;

use bytes::Bytes;
use parquet::basic::{Compression as Codec, Encoding, PageType};
use parquet::column::page::{CompressedPage, Page, PageWriter as _};
use parquet::column::writer::ColumnCloseResult;
use parquet::errors::ParquetError;
use parquet::file::metadata::{ColumnChunkMetaData, PageEncodingStats};
use parquet::file::properties::{WriterProperties, WriterPropertiesPtr};
use parquet::file::writer::{SerializedFileWriter, SerializedPageWriter, TrackedWrite};
use parquet::schema::types::{ColumnDescPtr, SchemaDescPtr, SchemaDescriptor, TypePtr};

use crate::column::Chunk;
use crate::compressor::{Compression, Compressor};
use crate::layout::Layout;
use crate::rows::Rows;
use page::{Place, View};

/// Most rows of a page, as the format's writers have it.
const PAGE_ROWS: usize = 20_000;
/// Size that a page of long values is to have, in bytes, as the format's writers have it.
const PAGE_BYTES: usize = 1 << 20;

/// Rows that cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum EncodeError {
    /// The compressor refuses its level or a page.
    #[error("a page cannot be compressed")]
    Zstd(#[from] std::io::Error),
    /// As above.
    #[error("a page cannot be compressed")]
    Snappy(#[from] snap::Error),
    /// The file's frame cannot be written.
    #[error("the file's frame cannot be written")]
    Frame(#[from] ParquetError),
}

/// Writes files of one layout and keeps its buffers between them.
pub(crate) struct FileWriter {
    schema: TypePtr,
    leaves: SchemaDescPtr,
    properties: WriterPropertiesPtr,
    codec: Codec,
    compressor: Compressor,
    /// The page that is being made, uncompressed.
    page: Vec<u8>,
}

impl FileWriter {
    pub(crate) fn new(layout: &Layout, compression: Compression) -> Result<Self, EncodeError> {
        let schema = layout.schema()?;
        let properties = WriterProperties::builder().set_created_by("headend lake-parquet".to_owned());
        Ok(Self {
            leaves: Arc::new(SchemaDescriptor::new(schema.clone())),
            schema,
            properties: Arc::new(properties.build()),
            codec: compression.codec()?,
            compressor: Compressor::new(compression)?,
            page: Vec::new(),
        })
    }

    /// The file of `rows`.
    pub(crate) fn write(&mut self, rows: &mut Rows) -> Result<Vec<u8>, EncodeError> {
        let mut file = SerializedFileWriter::new(Vec::new(), self.schema.clone(), self.properties.clone())?;
        let mut group = file.next_row_group()?;
        for (index, chunk) in rows.chunks.iter_mut().enumerate() {
            let (bytes, close) = self.chunk(chunk, self.leaves.column(index))?;
            group.append_column(&bytes, close)?;
        }
        group.close()?;
        Ok(file.into_inner()?)
    }

    /// The pages of a column, and what the footer says of them.
    fn chunk(&mut self, chunk: &mut Chunk, leaf: ColumnDescPtr) -> Result<(Bytes, ColumnCloseResult), EncodeError> {
        let statistics = statistics::of(chunk);
        let (levels, values) = (&chunk.levels, View::of(&mut chunk.values));
        let mut sink = TrackedWrite::new(Vec::new());
        let mut pages = Pages {
            writer: SerializedPageWriter::new(&mut sink),
            compressor: &mut self.compressor,
            compressed: 0,
            uncompressed: 0,
        };
        let mut encodings = vec![Encoding::RLE, values.encoding()];
        let mut counts = Vec::new();
        if let View::Numbers { dictionary, .. } = values {
            self.page.clear();
            page::dictionary(&mut self.page, dictionary);
            pages.write(&self.page, |buf| Page::DictionaryPage {
                buf,
                num_values: dictionary.len() as u32,
                encoding: Encoding::PLAIN,
                is_sorted: false,
            })?;
            encodings.push(Encoding::PLAIN);
            counts.push((PageType::DICTIONARY_PAGE, Encoding::PLAIN, 1));
        }
        let first_data = pages.compressed;
        let page_rows = (PAGE_BYTES * levels.rows / values.bytes().max(1)).clamp(1, PAGE_ROWS);
        let (mut row, mut place, mut count) = (0, Place::default(), 0);
        while row < levels.rows {
            let rows = row..(row + page_rows).min(levels.rows);
            row = rows.end;
            self.page.clear();
            page::levels(&mut self.page, levels, rows.clone());
            values.append(&mut self.page, &mut place, levels.values_in(rows.clone()));
            pages.write(&self.page, |buf| Page::DataPage {
                buf,
                num_values: rows.len() as u32,
                encoding: values.encoding(),
                def_level_encoding: Encoding::RLE,
                rep_level_encoding: Encoding::RLE,
                statistics: None,
            })?;
            count += 1;
        }
        counts.push((PageType::DATA_PAGE, values.encoding(), count));
        let (compressed, uncompressed) = (pages.compressed, pages.uncompressed);
        let counts = counts
            .into_iter()
            .map(|(page_type, encoding, count)| PageEncodingStats {
                page_type,
                encoding,
                count,
            });
        let mut metadata = ColumnChunkMetaData::builder(leaf)
            .set_compression(self.codec)
            .set_encodings(encodings)
            .set_page_encoding_stats(counts.collect())
            .set_num_values(levels.rows as i64)
            .set_total_compressed_size(compressed)
            .set_total_uncompressed_size(uncompressed)
            .set_dictionary_page_offset((first_data > 0).then_some(0))
            .set_data_page_offset(first_data);
        if let Some(statistics) = statistics {
            metadata = metadata.set_statistics(statistics);
        }
        let close = ColumnCloseResult {
            bytes_written: compressed as u64,
            rows_written: levels.rows as u64,
            metadata: metadata.build()?,
            bloom_filter: None,
            column_index: None,
            offset_index: None,
        };
        Ok((Bytes::from(sink.into_inner()?), close))
    }
}

/// Pages of one column, as they are written one after another.
struct Pages<'w> {
    writer: SerializedPageWriter<'w, Vec<u8>>,
    compressor: &'w mut Compressor,
    /// Bytes so far, with the pages' headers.
    compressed: i64,
    uncompressed: i64,
}

impl Pages<'_> {
    fn write(&mut self, page: &[u8], frame: impl FnOnce(Bytes) -> Page) -> Result<(), EncodeError> {
        let compressed = Bytes::from(self.compressor.compress(page)?);
        let written = self
            .writer
            .write_page(CompressedPage::new(frame(compressed), page.len()))?;
        self.compressed += written.compressed_size as i64;
        self.uncompressed += written.uncompressed_size as i64;
        Ok(())
    }
}

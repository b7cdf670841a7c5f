//! Rows to a Parquet file: row groups, and in them pages of at most [`PAGE_ROWS`] rows.

mod bounds;
mod index;
mod page;

use std::sync::Arc;

use bytes::Bytes;
use parquet::basic::{Compression as Codec, Encoding, PageType};
use parquet::column::page::{CompressedPage, Page, PageWriteSpec, PageWriter as _};
use parquet::column::writer::ColumnCloseResult;
use parquet::errors::ParquetError;
use parquet::file::metadata::{ColumnChunkMetaData, PageEncodingStats, SortingColumn};
use parquet::file::properties::{WriterProperties, WriterPropertiesPtr};
use parquet::file::writer::{SerializedFileWriter, SerializedPageWriter, TrackedWrite};
use parquet::schema::types::{SchemaDescPtr, SchemaDescriptor, TypePtr};

use crate::column::{Chunk, Values};
use crate::compressor::{Compression, Compressor};
use crate::layout::{Layout, Source};
use crate::rows::Rows;
use bounds::Bounds;
use index::Index;
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
    /// The column that has a filter, where files have an index.
    index: Option<Option<usize>>,
    /// The page that is being made, uncompressed.
    page: Vec<u8>,
}

/// A file that takes row groups.
pub(crate) struct OpenFile(SerializedFileWriter<Vec<u8>>);

impl FileWriter {
    /// A writer of small files that are read whole: neither index nor filter.
    pub(crate) fn new(layout: &Layout, compression: Compression) -> Result<Self, EncodeError> {
        Self::with(layout, compression, None, None)
    }

    /// A writer of files in which readers find rows: an index of the pages, a Bloom filter of each
    /// row group's `event_uuid`s, and the word that rows are ordered by the columns `sorted`.
    pub(crate) fn indexed(layout: &Layout, compression: Compression, sorted: &[Source]) -> Result<Self, EncodeError> {
        let place = |source: Source| layout.columns().iter().position(|column| column.source == source);
        let sorted = sorted.iter().filter_map(|source| {
            Some(SortingColumn {
                column_idx: i32::try_from(place(*source)?).ok()?,
                descending: false,
                nulls_first: false,
            })
        });
        let sorted = Some(sorted.collect());
        Self::with(layout, compression, sorted, Some(place(Source::EventUuid)))
    }

    fn with(
        layout: &Layout,
        compression: Compression,
        sorted: Option<Vec<SortingColumn>>,
        index: Option<Option<usize>>,
    ) -> Result<Self, EncodeError> {
        let schema = layout.schema()?;
        let properties = WriterProperties::builder()
            .set_created_by("headend lake-parquet".to_owned())
            .set_sorting_columns(sorted);
        Ok(Self {
            leaves: Arc::new(SchemaDescriptor::new(schema.clone())),
            schema,
            properties: Arc::new(properties.build()),
            codec: compression.codec()?,
            compressor: Compressor::new(compression)?,
            index,
            page: Vec::new(),
        })
    }

    /// The file of `rows`, in one row group.
    pub(crate) fn write(&mut self, rows: &mut Rows) -> Result<Vec<u8>, EncodeError> {
        let mut file = self.open()?;
        self.group(&mut file, rows)?;
        file.close()
    }

    /// A file without rows.
    pub(crate) fn open(&self) -> Result<OpenFile, EncodeError> {
        let file = SerializedFileWriter::new(Vec::new(), self.schema.clone(), self.properties.clone())?;
        Ok(OpenFile(file))
    }

    /// Appends `rows` to the file as a row group.
    pub(crate) fn group(&mut self, file: &mut OpenFile, rows: &mut Rows) -> Result<(), EncodeError> {
        let mut group = file.0.next_row_group()?;
        for (column, chunk) in rows.chunks.iter_mut().enumerate() {
            let (bytes, close) = self.chunk(chunk, column)?;
            group.append_column(&bytes, close)?;
        }
        group.close()?;
        Ok(())
    }

    /// The pages of a column, and what the footer says of them.
    fn chunk(&mut self, chunk: &mut Chunk, column: usize) -> Result<(Bytes, ColumnCloseResult), EncodeError> {
        let leaf = self.leaves.column(column);
        // The bounds of text that seldom repeats say nothing.
        let is_bounded = !matches!(chunk.values, Values::Texts(_));
        let (levels, values) = (&chunk.levels, View::of(&mut chunk.values));
        let bounds = |span| is_bounded.then(|| Bounds::of(&values, span));
        let mut index = self.index.map(|_| Index::new(leaf.physical_type(), is_bounded));

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
            let mut rows = row..(row + page_rows).min(levels.rows);
            // Rows that are much longer than the others may lie together.
            while rows.len() > 1 && values.bytes_in(place.span(levels.values_in(rows.clone()))) > 2 * PAGE_BYTES {
                rows.end = row + rows.len() / 2;
            }
            row = rows.end;
            let span = place.span(levels.values_in(rows.clone()));
            self.page.clear();
            page::levels(&mut self.page, levels, rows.clone());
            values.append(&mut self.page, &mut place, span.clone());
            let written = pages.write(&self.page, |buf| Page::DataPage {
                buf,
                num_values: rows.len() as u32,
                encoding: values.encoding(),
                def_level_encoding: Encoding::RLE,
                rep_level_encoding: Encoding::RLE,
                statistics: None,
            })?;
            if let Some(index) = &mut index {
                index.page(&written, rows.len(), rows.len() - span.len(), bounds(span));
            }
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
        let all = 0..levels.rows - levels.nulls;
        if let Some(statistics) = bounds(all).and_then(|bounds| bounds.statistics(levels.nulls)) {
            metadata = metadata.set_statistics(statistics);
        }
        let (column_index, offset_index) = index.map(Index::finish).transpose()?.unzip();
        let close = ColumnCloseResult {
            bytes_written: compressed as u64,
            rows_written: levels.rows as u64,
            metadata: metadata.build()?,
            bloom_filter: match self.index {
                Some(filtered) if filtered == Some(column) => index::filter(&values)?,
                _ => None,
            },
            column_index: column_index.flatten(),
            offset_index,
        };
        Ok((Bytes::from(sink.into_inner()?), close))
    }
}

impl OpenFile {
    /// Bytes of the row groups so far.
    pub(crate) fn bytes(&self) -> usize {
        self.0.bytes_written()
    }

    /// The whole file.
    pub(crate) fn close(self) -> Result<Vec<u8>, EncodeError> {
        Ok(self.0.into_inner()?)
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
    fn write(&mut self, page: &[u8], frame: impl FnOnce(Bytes) -> Page) -> Result<PageWriteSpec, EncodeError> {
        let compressed = Bytes::from(self.compressor.compress(page)?);
        let written = self
            .writer
            .write_page(CompressedPage::new(frame(compressed), page.len()))?;
        self.compressed += written.compressed_size as i64;
        self.uncompressed += written.uncompressed_size as i64;
        Ok(written)
    }
}

//! Opening the index, or starting it anew.
//!
//! The index is a copy, so nothing in it is worth saving: another version or any damage means an
//! empty index, which the catalog fills again. Only a directory that cannot be used at all, or that
//! another process holds, is a fault.

use std::path::Path;

use tantivy::directory::error::LockError;
use tantivy::indexer::{IndexWriterOptions, LogMergePolicy};
use tantivy::schema::Schema;
use tantivy::{Index, IndexReader, IndexSettings, IndexWriter, ReloadPolicy, TantivyError};

use super::super::engine::SearchFault;

/// Version of the index on disk. Raise it with every change of the schema or of the folding.
pub(super) const VERSION: &str = "3";

/// Holds [`VERSION`]. Written last, so that a half-made index counts as none.
const VERSION_FILE: &str = "schema-version";

/// Memory for documents that wait for a commit, in bytes; given back after each.
const WRITER_MEMORY: usize = 20_000_000;

/// Share of removed documents at which a part of the index is written anew.
const REMOVED_BEFORE_MERGE: f32 = 0.3;

/// Blocks of stored titles kept unpacked (16 KB each, per part of the index).
const CACHED_BLOCKS: usize = 16;

/// An open index.
pub(super) struct Opened {
    pub writer: IndexWriter,
    pub reader: IndexReader,
}

pub(super) fn open(directory: Option<&Path>, schema: Schema) -> Result<Opened, SearchFault> {
    let Some(directory) = directory else {
        let index = Index::builder().schema(schema).settings(settings()).create_in_ram()?;
        return Ok(ready(&index)?);
    };
    match open_existing(directory) {
        Ok(Some(opened)) => return Ok(opened),
        Ok(None) => {}
        Err(error) if is_held_by_another(&error) => return Err(error.into()),
        Err(error) => {
            tracing::warn!(%error, directory = %directory.display(), "the search index is damaged and starts anew");
        }
    }
    let fault = |source| SearchFault::Directory { path: directory.display().to_string(), source };
    empty(directory).map_err(fault)?;
    let index = Index::builder().schema(schema).settings(settings()).create_in_dir(directory)?;
    let opened = ready(&index)?;
    std::fs::write(directory.join(VERSION_FILE), VERSION).map_err(fault)?;
    Ok(opened)
}

/// The index in the directory, if there is a whole one of this version.
fn open_existing(directory: &Path) -> Result<Option<Opened>, TantivyError> {
    let version = std::fs::read_to_string(directory.join(VERSION_FILE)).unwrap_or_default();
    if version.trim() != VERSION {
        return Ok(None);
    }
    let index = Index::open_in_dir(directory)?;
    let damaged = index.validate_checksum()?;
    if !damaged.is_empty() {
        tracing::warn!(?damaged, "files of the search index are damaged; it starts anew");
        return Ok(None);
    }
    ready(&index).map(Some)
}

fn is_held_by_another(error: &TantivyError) -> bool {
    matches!(error, TantivyError::LockFailure(LockError::LockBusy, _))
}

fn ready(index: &Index) -> Result<Opened, TantivyError> {
    let options = IndexWriterOptions::builder()
        .num_worker_threads(1)
        .num_merge_threads(1)
        .memory_budget_per_thread(WRITER_MEMORY)
        .build();
    let writer: IndexWriter = index.writer_with_options(options)?;
    let mut merging = LogMergePolicy::default();
    merging.set_del_docs_ratio_before_merge(REMOVED_BEFORE_MERGE);
    writer.set_merge_policy(Box::new(merging));
    let reader = index
        .reader_builder()
        .reload_policy(ReloadPolicy::Manual)
        .doc_store_cache_num_blocks(CACHED_BLOCKS)
        .try_into()?;
    Ok(Opened { writer, reader })
}

fn settings() -> IndexSettings {
    IndexSettings { docstore_compress_dedicated_thread: false, ..IndexSettings::default() }
}

/// Makes the directory, and takes out what an earlier index left.
fn empty(directory: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(directory)?;
    for entry in std::fs::read_dir(directory)? {
        let entry = entry?;
        if entry.file_type()?.is_file() {
            std::fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

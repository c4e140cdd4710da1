//! fjall behind four verbs: view, write a group, prune its notes, flush.
//!
//! Two keyspaces: `data` holds exactly the port's map, `notes` the batch ids. A note's key
//! is the number of its group's first commit, so that the last note also tells the next
//! number; its value is a time, that next number, and the group's batch ids.

use crate::apply::{self, Changes, Found};
use fjall::{CompressionType, Database, Keyspace, KeyspaceCreateOptions, PersistMode, Readable};
use std::path::Path;
use std::time::{Duration, Instant};
use symbolon_domain::Timestamp;
use symbolon_domain::port::{BatchId, Entry, Range, StoreFault};

/// Bytes of `data` in memory before they are flushed. Bounds the replay after a kill
/// together with fjall's journal files of 64 MB, of which at most three are kept.
const MEMTABLE_BYTES: u64 = 16 * 1_024 * 1_024;
const NOTES_MEMTABLE_BYTES: u64 = 4 * 1_024 * 1_024;
/// The least that fjall takes.
const JOURNALS_BYTES: u64 = 64 * 1_024 * 1_024;
/// fjall makes a writer sleep, for ever if a flush is stuck, at four sealed memtables or
/// thirty runs: we stop before.
const SEALED_MEMTABLES_MAX: usize = 3;
const FRESH_TABLES_MAX: usize = 24;

/// An open database. Clones share it.
#[derive(Clone)]
pub(super) struct Engine {
    database: Database,
    data: Keyspace,
    notes: Keyspace,
}

/// The store at one moment.
pub(super) struct View {
    snapshot: fjall::Snapshot,
    data: Keyspace,
}

/// What is written as one.
pub(super) struct Group {
    pub(super) changes: Changes,
    pub(super) ids: Vec<BatchId>,
    pub(super) first_commit: u64,
    pub(super) next_commit: u64,
    pub(super) now: Timestamp,
    /// Numbers of the notes that are forgotten with it.
    pub(super) forgotten: Vec<u64>,
}

/// How a write failed.
pub(super) enum WriteError {
    /// The engine had refused writes before; nothing was written.
    Poisoned,
    /// It failed half way; after a restart it may be there or not.
    Unknown(String),
}

impl Engine {
    pub(super) fn open(path: &Path, cache_bytes: u64) -> Result<Self, fjall::Error> {
        let database = Database::builder(path)
            .cache_size(cache_bytes)
            .max_journaling_size(JOURNALS_BYTES)
            // What is stored is mostly ciphertext.
            .journal_compression(CompressionType::None)
            .open()?;
        let data = database.keyspace("data", || {
            KeyspaceCreateOptions::default().max_memtable_size(MEMTABLE_BYTES)
        })?;
        let notes = database.keyspace("notes", || {
            KeyspaceCreateOptions::default().max_memtable_size(NOTES_MEMTABLE_BYTES)
        })?;
        Ok(Self { database, data, notes })
    }

    pub(super) fn view(&self) -> View {
        View { snapshot: self.database.snapshot(), data: self.data.clone() }
    }

    /// Whether a write could have to wait for a flush or a compaction.
    pub(super) fn is_behind(&self) -> bool {
        [&self.data, &self.notes].iter().any(|keyspace| {
            keyspace.sealed_memtable_count() >= SEALED_MEMTABLES_MAX
                || keyspace.l0_table_count() >= FRESH_TABLES_MAX
        })
    }

    /// Whether fjall takes writes; a worker that failed a flush poisons it too.
    pub(super) fn is_poisoned(&self) -> bool {
        self.database.persist(PersistMode::Buffer).is_err()
    }

    /// Writes the group and its note as one batch; durable when it returns.
    pub(super) fn write(&self, group: Group) -> Result<(), WriteError> {
        let note = Note { at: group.now, next_commit: group.next_commit, ids: group.ids };
        let items = group.changes.len() + group.forgotten.len() + 1;
        let mut batch = fjall::OwnedWriteBatch::with_capacity(self.database.clone(), items)
            .durability(Some(PersistMode::SyncData));
        for (key, value) in group.changes {
            match value {
                Some(value) => batch.insert(&self.data, key, value),
                None => batch.remove(&self.data, key),
            }
        }
        for number in group.forgotten {
            batch.remove(&self.notes, number.to_be_bytes());
        }
        batch.insert(&self.notes, group.first_commit.to_be_bytes(), note.to_bytes());
        batch.commit().map_err(|error| match error {
            fjall::Error::Poisoned => WriteError::Poisoned,
            other => WriteError::Unknown(other.to_string()),
        })
    }

    /// The first notes from this number on: their numbers and times.
    pub(super) fn notes_from(
        &self,
        number: u64,
        limit: usize,
    ) -> Result<Vec<(u64, Timestamp)>, StoreFault> {
        let notes = self.database.snapshot().range(&self.notes, number.to_be_bytes()..);
        notes
            .take(limit)
            .map(|guard| {
                let (key, value) = guard.into_inner().map_err(|error| fault(&error))?;
                let number = key.first_chunk().map(|bytes| u64::from_be_bytes(*bytes));
                number.zip(Note::time(&value)).ok_or_else(damaged_note)
            })
            .collect()
    }

    /// The number of the next commit.
    pub(super) fn next_commit(&self) -> Result<u64, StoreFault> {
        let Some(guard) = self.database.snapshot().last_key_value(&self.notes) else {
            return Ok(0);
        };
        let value = guard.value().map_err(|error| fault(&error))?;
        Note::next_commit(&value).ok_or_else(damaged_note)
    }

    /// Whether a remembered group had this batch. Reads all notes, the latest first.
    pub(super) fn has_applied(&self, id: BatchId) -> Result<bool, StoreFault> {
        let snapshot = self.database.snapshot();
        for guard in snapshot.iter(&self.notes).rev() {
            let value = guard.value().map_err(|error| fault(&error))?;
            if Note::has(&value, id) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Moves what is in memory into tables, so that the next start has nothing to insert.
    pub(super) fn flush(&self, patience: Duration) -> Result<(), StoreFault> {
        let deadline = Instant::now() + patience;
        for keyspace in [&self.data, &self.notes] {
            keyspace.rotate_memtable().map_err(|error| fault(&error))?;
        }
        while [&self.data, &self.notes].iter().any(|k| k.sealed_memtable_count() > 0) {
            if self.is_poisoned() || Instant::now() > deadline {
                return Err(StoreFault::Io("the last flush did not end".into()));
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        Ok(())
    }

    pub(super) fn size_bytes(&self) -> Result<u64, StoreFault> {
        self.database.disk_space().map_err(|error| fault(&error))
    }
}

impl View {
    pub(super) fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreFault> {
        let value = self.snapshot.get(&self.data, key).map_err(|error| fault(&error))?;
        Ok(value.map(|value| value.to_vec()))
    }

    pub(super) fn scan(&self, range: &Range, limit: usize) -> Result<Vec<Entry>, StoreFault> {
        if range.is_empty() {
            return Ok(Vec::new());
        }
        let entries = self.snapshot.range(&self.data, &range.start[..]..&range.end[..]);
        entries
            .take(limit)
            .map(|guard| {
                let (key, value) = guard.into_inner().map_err(|error| fault(&error))?;
                Ok(Entry { key: key.to_vec(), value: value.to_vec() })
            })
            .collect()
    }
}

impl apply::View for View {
    fn find(&self, key: &[u8]) -> Result<Found, StoreFault> {
        let value = self.snapshot.get(&self.data, key).map_err(|error| fault(&error))?;
        Ok(Found::of(value.as_deref()))
    }

    fn visit(
        &self,
        range: &Range,
        visitor: &mut dyn FnMut(&[u8]) -> bool,
    ) -> Result<(), StoreFault> {
        for guard in self.snapshot.range(&self.data, &range.start[..]..&range.end[..]) {
            if !visitor(&guard.key().map_err(|error| fault(&error))?) {
                break;
            }
        }
        Ok(())
    }
}

/// When a group was committed, the number after its last commit, its batch ids.
struct Note {
    at: Timestamp,
    next_commit: u64,
    ids: Vec<BatchId>,
}

impl Note {
    fn to_bytes(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(16 + 16 * self.ids.len());
        out.extend_from_slice(&self.at.0.to_be_bytes());
        out.extend_from_slice(&self.next_commit.to_be_bytes());
        for id in &self.ids {
            out.extend_from_slice(&id.0);
        }
        out
    }

    fn time(bytes: &[u8]) -> Option<Timestamp> {
        bytes.first_chunk().map(|at| Timestamp(u64::from_be_bytes(*at)))
    }

    fn next_commit(bytes: &[u8]) -> Option<u64> {
        bytes.get(8..16)?.try_into().ok().map(u64::from_be_bytes)
    }

    fn has(bytes: &[u8], id: BatchId) -> bool {
        bytes.get(16..).unwrap_or_default().chunks_exact(16).any(|noted| noted == id.0)
    }
}

fn damaged_note() -> StoreFault {
    StoreFault::Corrupt("a note of batch ids is too short".into())
}

/// What a failed read says about the disk.
fn fault(error: &fjall::Error) -> StoreFault {
    match error {
        fjall::Error::Io(error) | fjall::Error::Storage(fjall::LsmError::Io(error)) => {
            StoreFault::Io(error.to_string())
        }
        other => StoreFault::Corrupt(other.to_string()),
    }
}

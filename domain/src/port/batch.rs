//! What is written to a store: batches of preconditions and operations, as data.

use super::StoreFault;

/// Longest key, bytes.
pub const KEY_BYTES_MAX: usize = 1_024;
/// Longest value, bytes.
pub const VALUE_BYTES_MAX: usize = 512 * 1_024;
/// Most bytes of keys and values in one batch: below FoundationDB's limit of a transaction.
pub const BATCH_BYTES_MAX: usize = 900 * 1_024;
/// Most entries one scan answers.
pub const SCAN_ENTRIES_MAX: usize = 1_000;
/// Most appends in one batch: a position's last two bytes number them.
pub const BATCH_APPENDS_MAX: usize = 65_536;
/// How long after its commit a batch can be settled, seconds: an engine forgets its id then.
pub const SETTLE_WITHIN_SECONDS: u64 = 300;

/// A batch's own name, random; it settles a commit whose result is not known.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, PartialOrd, Ord)]
pub struct BatchId(pub [u8; 16]);

/// What must hold for a batch to be applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Precondition {
    /// The key is not there.
    Absent {
        /// The key.
        key: Vec<u8>,
    },
    /// The value at the key starts with this revision, eight big-endian bytes.
    RevisionIs {
        /// The key.
        key: Vec<u8>,
        /// The revision.
        revision: u64,
    },
}

impl Precondition {
    /// The key looked at.
    #[must_use]
    pub fn key(&self) -> &[u8] {
        match self {
            Self::Absent { key } | Self::RevisionIs { key, .. } => key,
        }
    }
}

/// One change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Operation {
    /// Writes the value, over an earlier one. Put at a queue's key, as a restore does, it
    /// makes every later [`Position`] greater than that one.
    Put {
        /// The key.
        key: Vec<u8>,
        /// The value.
        value: Vec<u8>,
    },
    /// Removes the key if it is there.
    Delete {
        /// The key.
        key: Vec<u8>,
    },
    /// Removes at most `limit` keys of the range, from its start.
    DeleteRange {
        /// Which keys.
        range: Range,
        /// How many at the most; at most [`SCAN_ENTRIES_MAX`].
        limit: usize,
    },
    /// Appends to an ordered queue.
    Append(Append),
}

/// An entry for a queue: stored at the queue's key followed by its [`Position`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Append {
    /// Which queue.
    pub queue: Queue,
    /// The entry.
    pub value: Vec<u8>,
}

/// The key prefix of a queue.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Queue(pub Vec<u8>);

impl Queue {
    /// Where the entry at the position is.
    #[must_use]
    pub fn key(&self, position: Position) -> Vec<u8> {
        [&self.0[..], &position.0].concat()
    }

    /// All its entries.
    #[must_use]
    pub fn entries(&self) -> Range {
        Range::prefix(&self.0)
    }

    /// Its entries after the position.
    #[must_use]
    pub fn entries_after(&self, position: Position) -> Range {
        self.entries().after(&self.key(position))
    }
}

/// A place in a queue: later commits have greater ones, and they never repeat. Ten
/// bytes, as wide as FoundationDB's versionstamps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position(pub [u8; 10]);

impl Position {
    /// The place of the `index`-th append of a commit.
    #[must_use]
    pub fn new(commit: u64, index: u16) -> Self {
        let mut bytes = [0; 10];
        let (head, tail) = bytes.split_at_mut(8);
        head.copy_from_slice(&commit.to_be_bytes());
        tail.copy_from_slice(&index.to_be_bytes());
        Self(bytes)
    }

    /// The number of its commit: later ones have greater numbers, some may be missing.
    #[must_use]
    pub fn commit(self) -> u64 {
        self.0.first_chunk().map_or(0, |bytes| u64::from_be_bytes(*bytes))
    }

    /// The position in the key of a queue's entry: its last ten bytes.
    #[must_use]
    pub fn of_key(key: &[u8]) -> Option<Self> {
        key.last_chunk().map(|bytes| Self(*bytes))
    }
}

/// Keys from `start` on and before `end`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Range {
    /// The first key that can be in it.
    pub start: Vec<u8>,
    /// The first key after it.
    pub end: Vec<u8>,
}

impl Range {
    /// Every key there can be: [`Batch::check_bounds`] refuses keys that begin with `0xff`.
    #[must_use]
    pub fn all() -> Self {
        Self { start: Vec::new(), end: vec![u8::MAX] }
    }

    /// Whether no key can be in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.start >= self.end
    }

    /// All keys that begin with the prefix (which must not be all `0xff`).
    #[must_use]
    pub fn prefix(prefix: &[u8]) -> Self {
        let mut end = prefix.to_vec();
        while let Some(last) = end.pop() {
            if last < u8::MAX {
                end.push(last + 1);
                break;
            }
        }
        Self { start: prefix.to_vec(), end }
    }

    /// The part of this range after `key`.
    #[must_use]
    pub fn after(&self, key: &[u8]) -> Self {
        let mut start = key.to_vec();
        start.push(0);
        Self { start: start.max(self.start.clone()), end: self.end.clone() }
    }
}

/// A key with its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The key.
    pub key: Vec<u8>,
    /// The value.
    pub value: Vec<u8>,
}

/// Preconditions and operations, committed as one transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Batch {
    /// Its own name.
    pub id: BatchId,
    /// What must hold.
    pub preconditions: Vec<Precondition>,
    /// What is done, in order.
    pub operations: Vec<Operation>,
}

impl Batch {
    /// An empty batch.
    #[must_use]
    pub fn new(id: BatchId) -> Self {
        Self { id, preconditions: Vec::new(), operations: Vec::new() }
    }

    /// Bytes of keys and values, for the bounds.
    #[must_use]
    pub fn size_bytes(&self) -> usize {
        let preconditions: usize = self.preconditions.iter().map(|p| p.key().len()).sum();
        let operations: usize = self
            .operations
            .iter()
            .map(|operation| match operation {
                Operation::Put { key, value } => key.len() + value.len(),
                Operation::Delete { key } => key.len(),
                Operation::DeleteRange { range, .. } => range.start.len() + range.end.len(),
                Operation::Append(append) => append.queue.0.len() + 10 + append.value.len(),
            })
            .sum();
        preconditions + operations
    }

    /// Holds the batch against the port's bounds; every engine asks before it commits.
    ///
    /// # Errors
    /// [`StoreFault::TooLarge`], naming the bound.
    pub fn check_bounds(&self) -> Result<(), StoreFault> {
        let mut appends = 0;
        for precondition in &self.preconditions {
            check_key(precondition.key())?;
        }
        for operation in &self.operations {
            match operation {
                Operation::Put { key, value } => {
                    check_key(key).and_then(|()| check_value(value))?
                }
                Operation::Delete { key } => check_key(key)?,
                Operation::DeleteRange { range, limit } => {
                    if range.start.len().max(range.end.len()) > KEY_BYTES_MAX + 1 {
                        return Err(StoreFault::TooLarge("a range's end is longer than a key"));
                    }
                    if *limit > SCAN_ENTRIES_MAX {
                        return Err(StoreFault::TooLarge("a range's limit is over 1,000"));
                    }
                }
                Operation::Append(append) => {
                    appends += 1;
                    check_key(&append.queue.key(Position([0; 10])))?;
                    check_value(&append.value)?;
                }
            }
        }
        if appends > BATCH_APPENDS_MAX {
            return Err(StoreFault::TooLarge("a batch has more than 65,536 appends"));
        }
        if self.size_bytes() > BATCH_BYTES_MAX {
            return Err(StoreFault::TooLarge("a batch has more than 900 KiB of keys and values"));
        }
        Ok(())
    }
}

fn check_key(key: &[u8]) -> Result<(), StoreFault> {
    match key.first() {
        None => Err(StoreFault::TooLarge("a key is empty")),
        // FoundationDB keeps these for itself, and no range of ours ends after them.
        Some(&u8::MAX) => Err(StoreFault::TooLarge("a key begins with 0xff")),
        Some(_) if key.len() > KEY_BYTES_MAX => {
            Err(StoreFault::TooLarge("a key has more than 1,024 bytes"))
        }
        Some(_) => Ok(()),
    }
}

fn check_value(value: &[u8]) -> Result<(), StoreFault> {
    if value.len() > VALUE_BYTES_MAX {
        return Err(StoreFault::TooLarge("a value has more than 512 KiB"));
    }
    Ok(())
}

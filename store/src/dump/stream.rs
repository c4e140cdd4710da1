//! The bytes of a dump.

use super::{DumpError, Summary, byte_count};
use sha2::{Digest as _, Sha256};
use std::io::{self, BufReader, BufWriter, Read, Write};
use symbolon_domain::port::{Entry, KEY_BYTES_MAX, VALUE_BYTES_MAX};

const MAGIC: [u8; 14] = *b"symbolon-dump\n";
const VERSION: u16 = 1;
const END: u8 = 0;
const ENTRY: u8 = 1;

pub(super) struct DumpWriter<W: Write> {
    out: BufWriter<W>,
    hash: Sha256,
    summary: Summary,
}

impl<W: Write> DumpWriter<W> {
    pub(super) fn start(out: W, one_moment: bool) -> io::Result<Self> {
        let summary = Summary { entries: 0, bytes: 0, one_moment };
        let mut writer = Self { out: BufWriter::new(out), hash: Sha256::new(), summary };
        writer.write(&MAGIC)?;
        writer.write(&VERSION.to_be_bytes())?;
        writer.write(&[u8::from(one_moment)])?;
        Ok(writer)
    }

    pub(super) fn entry(&mut self, entry: &Entry) -> io::Result<()> {
        self.write(&[ENTRY])?;
        self.write(&length(&entry.key)?)?;
        self.write(&length(&entry.value)?)?;
        self.write(&entry.key)?;
        self.write(&entry.value)?;
        self.summary.entries += 1;
        self.summary.bytes += byte_count(&entry.key, &entry.value);
        Ok(())
    }

    pub(super) fn finish(mut self) -> io::Result<Summary> {
        self.write(&[END])?;
        self.write(&self.summary.entries.to_be_bytes())?;
        self.out.write_all(&self.hash.finalize())?;
        self.out.flush()?;
        Ok(self.summary)
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.hash.update(bytes);
        self.out.write_all(bytes)
    }
}

fn length(bytes: &[u8]) -> io::Result<[u8; 4]> {
    u32::try_from(bytes.len()).map(u32::to_be_bytes).map_err(io::Error::other)
}

pub(super) struct DumpReader<R: Read> {
    input: BufReader<R>,
    hash: Sha256,
    summary: Summary,
}

impl<R: Read> DumpReader<R> {
    pub(super) fn start(input: R) -> Result<Self, DumpError> {
        let summary = Summary { entries: 0, bytes: 0, one_moment: false };
        let mut reader = Self { input: BufReader::new(input), hash: Sha256::new(), summary };
        let magic: [u8; MAGIC.len()] = match reader.array() {
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
                return Err(DumpError::Foreign);
            }
            magic => magic?,
        };
        if magic != MAGIC {
            return Err(DumpError::Foreign);
        }
        let found = u16::from_be_bytes(reader.array()?);
        if found > VERSION {
            return Err(DumpError::Newer { found, known: VERSION });
        }
        if found != VERSION {
            return Err(DumpError::Damaged("its version is none that there was"));
        }
        reader.summary.one_moment = match reader.array()? {
            [0] => false,
            [1] => true,
            _ => return Err(DumpError::Damaged("its header is not one that is written")),
        };
        Ok(reader)
    }

    /// The next entry; `None` after the last, when count and hash were found right.
    pub(super) fn entry(&mut self) -> Result<Option<Entry>, DumpError> {
        match self.array()? {
            [ENTRY] => {}
            [END] => return self.end().map(|()| None),
            _ => return Err(DumpError::Damaged("between two entries there is something else")),
        }
        let (key_length, value_length) = (self.length()?, self.length()?);
        if key_length > KEY_BYTES_MAX || value_length > VALUE_BYTES_MAX {
            return Err(DumpError::Damaged("an entry is larger than any that is stored"));
        }
        let (key, value) = (self.bytes(key_length)?, self.bytes(value_length)?);
        self.summary.entries += 1;
        self.summary.bytes += byte_count(&key, &value);
        Ok(Some(Entry { key, value }))
    }

    pub(super) fn summary(&self) -> Summary {
        self.summary
    }

    fn end(&mut self) -> Result<(), DumpError> {
        let count = u64::from_be_bytes(self.array()?);
        let expected = self.hash.clone().finalize();
        let mut hash = [0; 32];
        self.input.read_exact(&mut hash)?;
        if hash != expected[..] {
            return Err(DumpError::Damaged("its SHA-256 is another"));
        }
        if count != self.summary.entries {
            return Err(DumpError::Damaged("it has another number of entries"));
        }
        if self.input.read(&mut [0])? != 0 {
            return Err(DumpError::Damaged("something follows its end"));
        }
        Ok(())
    }

    fn length(&mut self) -> io::Result<usize> {
        usize::try_from(u32::from_be_bytes(self.array()?)).map_err(io::Error::other)
    }

    fn array<const N: usize>(&mut self) -> io::Result<[u8; N]> {
        let mut bytes = [0; N];
        self.input.read_exact(&mut bytes)?;
        self.hash.update(bytes);
        Ok(bytes)
    }

    fn bytes(&mut self, length: usize) -> io::Result<Vec<u8>> {
        let mut bytes = vec![0; length];
        self.input.read_exact(&mut bytes)?;
        self.hash.update(&bytes);
        Ok(bytes)
    }
}

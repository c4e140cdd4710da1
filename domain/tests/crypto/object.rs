//! Objects under every knife: what was sealed opens, and nothing else does.

use proptest::prelude::*;
use proptest::sample::Index;
use symbolon_domain::crypto::RustCrypto;
use symbolon_domain::crypto::item::{self, Metadata};
use symbolon_domain::crypto::key_tree::ContentSecret;
use symbolon_domain::crypto::object::{
    CHUNK_BYTES, HEADER_BYTES, Header, Layout, ObjectError, Opener, SEALED_CHUNK_BYTES, Sealer,
    open, seal,
};
use symbolon_domain::secret::Secret;
use symbolon_domain::{Path, Timestamp};

const ID: [u8; 16] = [2; 16];
const SALT: [u8; 32] = [3; 32];

fn secret() -> ContentSecret {
    ContentSecret::new(Secret::new([1; 32]))
}

fn text(length: usize) -> Vec<u8> {
    (0..length).map(|at| (at * 7 + at / 251) as u8).collect()
}

fn sealed(length: usize) -> Vec<u8> {
    seal(&RustCrypto, &secret(), &ID, 4, &SALT, &text(length)).unwrap()
}

fn opened(object: &[u8]) -> Result<Vec<u8>, ObjectError> {
    open(&RustCrypto, &secret(), &ID, object)
}

const BORDERS: [usize; 8] = [
    0,
    1,
    CHUNK_BYTES - 1,
    CHUNK_BYTES,
    CHUNK_BYTES + 1,
    2 * CHUNK_BYTES - 1,
    2 * CHUNK_BYTES,
    3 * CHUNK_BYTES + 5,
];

#[test]
fn round_trip_at_chunk_borders() {
    for length in BORDERS {
        let object = sealed(length);
        let layout = Layout::of_plain(length as u64).unwrap();
        assert_eq!(object.len() as u64, layout.sealed_length());
        assert_eq!(opened(&object), Ok(text(length)), "{length}");
        let header = Header::parse(&object).unwrap();
        assert_eq!((header.epoch, header.salt), (4, SALT));
    }
}

#[test]
fn another_key_is_told_before_anything_else() {
    let other = ContentSecret::new(Secret::new([9; 32]));
    let mut object = sealed(10);
    assert_eq!(open(&RustCrypto, &other, &ID, &object), Err(ObjectError::WrongKey));
    // Even where no chunk would open: nothing was tried.
    object[HEADER_BYTES] ^= 1;
    assert_eq!(open(&RustCrypto, &other, &ID, &object), Err(ObjectError::WrongKey));
    assert_eq!(opened(&object), Err(ObjectError::Altered { chunk: 0 }));
}

#[test]
fn another_name_does_not_open() {
    let object = sealed(10);
    let opened = open(&RustCrypto, &secret(), &[9; 16], &object);
    assert_eq!(opened, Err(ObjectError::Altered { chunk: 0 }));
}

#[test]
fn every_bit_of_a_small_object_counts() {
    let object = sealed(40);
    for bit in 0..object.len() * 8 {
        let mut changed = object.clone();
        changed[bit / 8] ^= 1 << (bit % 8);
        assert!(opened(&changed).is_err(), "bit {bit}");
    }
}

#[test]
fn every_cut_of_a_small_object_is_refused() {
    let object = sealed(40);
    for length in 0..object.len() {
        assert!(opened(&object[..length]).is_err(), "{length}");
    }
}

#[test]
fn chunks_cannot_be_moved() {
    let object = sealed(3 * CHUNK_BYTES);
    let (header, body) = object.split_at(HEADER_BYTES);
    let chunks: Vec<&[u8]> = body.chunks(SEALED_CHUNK_BYTES).collect();
    let arranged = |order: &[usize]| {
        let parts: Vec<&[u8]> = order.iter().map(|at| chunks[*at]).collect();
        [header, &parts.concat()].concat()
    };
    assert_eq!(opened(&arranged(&[0, 1, 2])), Ok(text(3 * CHUNK_BYTES)));
    for wrong in [
        &[1, 0, 2][..],
        &[0, 2, 1],
        &[0, 1],
        &[0],
        &[1, 2],
        &[2],
        &[0, 0, 2],
        &[0, 1, 1],
        &[0, 1, 1, 2],
        &[0, 1, 2, 2],
        &[0, 1, 2, 0],
        &[],
    ] {
        assert!(opened(&arranged(wrong)).is_err(), "{wrong:?}");
    }
    // A chunk at the same place of another object of the same key.
    let other = seal(&RustCrypto, &secret(), &[8; 16], 4, &SALT, &text(3 * CHUNK_BYTES)).unwrap();
    let mut mixed = object.clone();
    let range = HEADER_BYTES..HEADER_BYTES + SEALED_CHUNK_BYTES;
    mixed[range.clone()].copy_from_slice(&other[range]);
    assert_eq!(opened(&mixed), Err(ObjectError::Altered { chunk: 0 }));
}

#[test]
fn unknown_headers_are_told_apart() {
    let object = sealed(1);
    let with = |at: usize, byte: u8| {
        let mut changed = object.clone();
        changed[at] = byte;
        opened(&changed)
    };
    assert_eq!(with(0, b'X'), Err(ObjectError::NotAnObject));
    assert_eq!(with(4, 2), Err(ObjectError::Unknown { version: 2, suite: 1 }));
    assert_eq!(with(5, 9), Err(ObjectError::Unknown { version: 1, suite: 9 }));
    assert_eq!(with(6, 12), Err(ObjectError::NotAnObject));
    assert_eq!(with(7, 1), Err(ObjectError::NotAnObject));
    assert_eq!(opened(&object[..HEADER_BYTES - 1]), Err(ObjectError::NotAnObject));
    assert_eq!(opened(&object[..HEADER_BYTES]), Err(ObjectError::Length));
}

#[test]
fn a_sealer_seals_each_index_once() {
    let mut sealer = Sealer::new(&secret(), &ID, 4, &SALT);
    let sizes = [(false, CHUNK_BYTES - 1), (true, CHUNK_BYTES + 1)];
    for (last, size) in sizes {
        let refused = sealer.seal_chunk(&RustCrypto, last, &mut text(size));
        assert_eq!(refused, Err(ObjectError::Sequence));
    }
    assert!(sealer.seal_chunk(&RustCrypto, false, &mut text(CHUNK_BYTES)).is_ok());
    assert_eq!(sealer.seal_chunk(&RustCrypto, true, &mut []), Err(ObjectError::Sequence));
    assert!(sealer.seal_chunk(&RustCrypto, true, &mut text(1)).is_ok());
    let after_last = sealer.seal_chunk(&RustCrypto, true, &mut text(1));
    assert_eq!(after_last, Err(ObjectError::Sequence));
}

fn chunk_of(object: &[u8], layout: &Layout, index: u64) -> Vec<u8> {
    let range = layout.sealed_range(index).unwrap();
    object[range.start as usize..range.end as usize].to_vec()
}

#[test]
fn a_part_is_not_taken_for_the_whole() {
    let object = sealed(2 * CHUNK_BYTES);
    let mut opener = Opener::new(&secret(), &ID, &object, object.len() as u64).unwrap();
    let mut first = chunk_of(&object, opener.layout(), 0);
    opener.open_next(&RustCrypto, &mut first).unwrap();
    assert_eq!(opener.finish(), Err(ObjectError::Truncated));
}

#[test]
fn ranges_open_the_last_chunk_first() {
    let length = 2 * CHUNK_BYTES + 9;
    let object = sealed(length);
    let opener = || Opener::new(&secret(), &ID, &object, object.len() as u64).unwrap();
    let layout = *opener().layout();

    let mut last = chunk_of(&object, &layout, 2);
    let (ranged, tail) = opener().into_ranged(&RustCrypto, &mut last).unwrap();
    assert_eq!(tail, &text(length)[2 * CHUNK_BYTES..]);
    for index in [1, 0, 1] {
        let mut chunk = chunk_of(&object, &layout, index);
        let at = index as usize * CHUNK_BYTES;
        let text = &text(length)[at..at + CHUNK_BYTES];
        assert_eq!(ranged.open_chunk(&RustCrypto, index, &mut chunk), Ok(&mut text.to_vec()[..]));
    }
    let beyond = ranged.open_chunk(&RustCrypto, 3, &mut text(9)).map(|_| ());
    assert_eq!(beyond, Err(ObjectError::Sequence));

    // Cut at a chunk's border the object has a possible length, and no authentic one.
    let cut = HEADER_BYTES + 2 * SEALED_CHUNK_BYTES;
    let short = Opener::new(&secret(), &ID, &object, cut as u64).unwrap();
    let mut middle = chunk_of(&object, &layout, 1);
    let refused = short.into_ranged(&RustCrypto, &mut middle).map(|_| ());
    assert_eq!(refused, Err(ObjectError::Altered { chunk: 1 }));
}

#[test]
fn an_item_opens_at_its_own_path_only() {
    let path: Path = "identity.birthdate".parse().unwrap();
    let metadata = Metadata {
        path: path.clone(),
        media_type: "application/json".into(),
        created: Timestamp(1),
        modified: Timestamp(2),
    };
    let value = text(CHUNK_BYTES);
    let object = item::seal(&RustCrypto, &secret(), &ID, 1, &SALT, &metadata, &value).unwrap();
    let opened = item::open(&RustCrypto, &secret(), &ID, &path, &object).unwrap();
    assert_eq!((opened.metadata, opened.value), (metadata.clone(), value));
    let other = "identity.name".parse().unwrap();
    let refused = item::open(&RustCrypto, &secret(), &ID, &other, &object);
    assert_eq!(refused, Err(ObjectError::OtherPath));

    let bad = Metadata { media_type: "a\r\nb/c".into(), ..metadata };
    assert_eq!(bad.to_frame(), Err(ObjectError::Metadata));
    // Sound objects that hold no item.
    let extra = [&[0, 0, 0, 1, 0xa0][..], b"value"].concat();
    for text in [&b""[..], b"\0\0\0", b"\0\0\0\x05a", b"\xff\xff\xff\xff", &extra] {
        let object = seal(&RustCrypto, &secret(), &ID, 1, &SALT, text).unwrap();
        let refused = item::open(&RustCrypto, &secret(), &ID, &path, &object);
        assert_eq!(refused, Err(ObjectError::Metadata));
    }
}

// 64 cases unless `PROPTEST_CASES` asks for more or fewer than its usual 256.
fn cases() -> ProptestConfig {
    let usual = ProptestConfig::default();
    ProptestConfig { cases: usual.cases * 64 / 256, ..usual }
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn round_trip(length in 0..3 * CHUNK_BYTES) {
        prop_assert_eq!(opened(&sealed(length)), Ok(text(length)));
    }

    #[test]
    fn any_flipped_bit_is_refused(border in 0..BORDERS.len(), bit: Index) {
        let mut object = sealed(BORDERS[border]);
        let bit = bit.index(object.len() * 8);
        object[bit / 8] ^= 1 << (bit % 8);
        prop_assert!(opened(&object).is_err());
    }

    #[test]
    fn any_cut_is_refused(border in 0..BORDERS.len(), end: Index) {
        let object = sealed(BORDERS[border]);
        prop_assert!(opened(&object[..end.index(object.len())]).is_err());
    }

    #[test]
    fn anything_added_is_refused(border in 0..BORDERS.len(), extra in prop::collection::vec(any::<u8>(), 1..64)) {
        let object = [sealed(BORDERS[border]), extra].concat();
        prop_assert!(opened(&object).is_err());
    }

    #[test]
    fn never_panics(bytes: Vec<u8>, length in 0..u64::MAX) {
        let _ = opened(&bytes);
        let _ = Header::parse(&bytes);
        let _ = Layout::of_sealed(length);
        let _ = Metadata::from_text(&bytes);
    }
}

//! Stored and sent records: heads of every kind, commands, effects, log records. What
//! decodes must encode to the same bytes again.
#![no_main]

use libfuzzer_sys::fuzz_target;
use symbolon_domain::entity::{Command, Effect, Stored};
use symbolon_domain::log::{Leaf, Record};
use symbolon_domain::{Kind, record};

fuzz_target!(|data: &[u8]| {
    let Some((kind, bytes)) = data.split_first() else { return };
    if let Ok(kind) = Kind::from_tag(*kind)
        && let Ok(stored) = Stored::decode(kind, bytes)
    {
        let again = stored.encode().ok().and_then(|bytes| Stored::decode(kind, &bytes).ok());
        if let Some(again) = again {
            assert_eq!(again, stored);
        }
    }
    if let Ok(command) = record::decode::<Command>(bytes) {
        let again = record::encode(&command).expect("what was decoded is within the bounds");
        assert_eq!(record::decode::<Command>(&again).as_ref(), Ok(&command));
    }
    let _ = record::decode::<Effect>(bytes);
    let _ = record::decode::<Leaf>(bytes);
    if let Ok(read) = Record::from_bytes(bytes) {
        assert_eq!(read.into_leaf([0; 32]).record, bytes, "a record has one encoding");
    }
});

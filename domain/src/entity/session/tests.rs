//! Golden bytes of the session's record.

use super::*;
use crate::Kind;
use crate::record::{decode, encode};

fn id(kind: Kind) -> Id {
    Id::new(kind, "eu1".parse().unwrap(), *b"0123456789abcdef")
}

#[test]
fn golden() {
    let session = Session {
        institution: id(Kind::Institution),
        request: Request {
            offer: id(Kind::Offer),
            offer_hash: Digest([1; 32]),
            response_mode: ResponseMode::Scan,
            redirect_uri: None,
            state: Some("s".into()),
            challenge: Digest([2; 32]),
            hash: Digest([3; 32]),
            front_end: Some(id(Kind::FrontEnd)),
        },
        reference_hash: Digest([4; 32]),
        stage: SessionStage::Ended,
        front_end: Some(id(Kind::FrontEnd)),
        slot: Some(2),
        statement_hash: Some(Digest([5; 32])),
        invited: Some(id(Kind::Device)),
        claim: Some(Claim { device: id(Kind::Device), vault: id(Kind::Vault), number: 42 }),
        end: Some(EndReason::Denied),
        grant: Some(id(Kind::Grant)),
        created: Timestamp(1_000),
        expires: Timestamp(2_000),
    };
    let bytes = encode(&session).unwrap();
    let golden = "PxkxnhHZaTlXZfB308XIbcWXh2q8MjjVbupDP_SVVag";
    assert_eq!(Digest::of(&bytes).to_string(), golden, "{} bytes: {bytes:?}", bytes.len());
    assert_eq!(decode::<Session>(&bytes), Ok(session));
}

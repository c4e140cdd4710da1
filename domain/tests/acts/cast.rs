//! Who plays: an institution with an offer and a front end, a vault with devices and
//! items, and the commands they give.

use super::world::World;
use std::time::Duration;
use symbolon_domain::act::approve::Approve;
use symbolon_domain::act::read::Read;
use symbolon_domain::act::redeem::{NewToken, Redeem, Refresh};
use symbolon_domain::bytes::Digest;
use symbolon_domain::crypto::P256Public;
use symbolon_domain::entity::device::{Authenticator, Registration};
use symbolon_domain::entity::grant::{
    Authentication, Delivery, Frequency, GrantWrap, GrantedItem, Terms,
};
use symbolon_domain::entity::institution::{Description, InstitutionState};
use symbolon_domain::entity::offer::OfferState;
use symbolon_domain::entity::session::{Request, ResponseMode};
use symbolon_domain::entity::token::Credential;
use symbolon_domain::entity::vault::{ItemVersion, ManifestHead, StoredObject};
use symbolon_domain::entity::{
    Command, Reply, device, front_end, grant, institution, offer, session, token, vault,
};
use symbolon_domain::port::{Principal, Verdict};
use symbolon_domain::{Id, Kind, Rejection, Timestamp};

pub(crate) const ITEMS: u8 = 3;
pub(crate) const CERTIFICATE: Digest = Digest([9; 32]);
pub(crate) const CHALLENGE: Digest = Digest([8; 32]);

pub(crate) fn bank() -> Id {
    World::id(Kind::Institution, 1)
}
pub(crate) fn kiosk() -> Id {
    World::id(Kind::FrontEnd, 1)
}
pub(crate) fn vault_id() -> Id {
    World::id(Kind::Vault, 1)
}
pub(crate) fn phone(number: u8) -> Id {
    World::id(Kind::Device, number)
}
pub(crate) fn the_offer() -> Id {
    World::id(Kind::Offer, 1)
}
pub(crate) fn token(number: u8) -> Credential {
    Credential { id: World::id(Kind::Token, number), hash: Digest([number; 32]) }
}

/// Everything registered and approved, two devices, three items.
pub(crate) fn stage() -> World {
    let mut world = World::new();
    let operator = Principal::Operator("root".into());
    let by_bank = Principal::Institution(bank());
    let mut run = |principal: &Principal, id, command: Command| {
        world.run(principal, id, &command).expect("the stage is set")
    };
    run(&Principal::Anyone, bank(), describe("bank.example"));
    run(&operator, bank(), institution::Command::Judge(InstitutionState::Approved).into());
    let propose = offer::Command::Propose {
        hash: Digest([1; 32]),
        document: vec![2],
        title: "Account".into(),
        expires: None,
    };
    run(&by_bank, the_offer(), propose.into());
    run(&operator, the_offer(), offer::Command::Judge(OfferState::Approved).into());
    run(&by_bank, kiosk(), register());
    run(&Principal::Anyone, kiosk(), enrol(101));
    let create = vault::Command::Create {
        device: phone(1),
        registration: Box::new(registration(1)),
        token: token(102),
        recovery: None,
        empty_root: Digest([0; 32]),
    };
    run(&Principal::Anyone, vault_id(), create.into());
    let join = device::Command::Enrol {
        voucher: device::Voucher::Device(phone(1)),
        registration: Box::new(registration(2)),
        token: token(103),
    };
    run(&Principal::Anyone, phone(2), join.into());
    for number in 1..=ITEMS {
        let put = vault::Command::PutObject {
            object: [number; 16],
            stored: stored(number),
            pieces: vec![vec![number; 10]],
            bytes_max: 1_000,
        };
        run(&Principal::Device(phone(1)), vault_id(), put.into());
    }
    let items = (1..=ITEMS).map(|number| (Digest([number; 32]), version(number, 1))).collect();
    run(&Principal::Device(phone(1)), vault_id(), commit(0, items));
    world
}

fn describe(dns_name: &str) -> Command {
    let key = P256Public([1; 64]);
    let description = Description {
        name: "Bank".into(),
        dns_name: dns_name.into(),
        signing_key: key,
        hpke_key: [1; 32],
        hpke_kid: "1".into(),
        redirect_uris: vec!["https://bank.example/back".into()],
        webhook: None,
        document_hash: Digest([1; 32]),
    };
    institution::Command::Describe {
        description: Box::new(description),
        document: vec![1],
        signed_by: key,
    }
    .into()
}

/// An enrolled front end of another approved institution.
pub(crate) fn another_front_end(world: &mut World) -> Id {
    let shop = World::id(Kind::Institution, 2);
    let approve = institution::Command::Judge(InstitutionState::Approved).into();
    let till = World::id(Kind::FrontEnd, 3);
    let operator = Principal::Operator("root".into());
    for (principal, id, command) in [
        (Principal::Anyone, shop, describe("shop.example")),
        (operator, shop, approve),
        (Principal::Institution(shop), till, register()),
        (Principal::Anyone, till, enrol(105)),
    ] {
        world.run(&principal, id, &command).unwrap();
    }
    till
}

pub(crate) fn register() -> Command {
    front_end::Command::Register {
        name: "Counter 1".into(),
        place: "Main street".into(),
        sessions_max: 2,
        code_hash: Digest([3; 32]),
    }
    .into()
}

pub(crate) fn enrol(number: u8) -> Command {
    let (code_hash, jkt) = (Digest([3; 32]), Digest([4; 32]));
    front_end::Command::Enrol { code_hash, jkt, token: token(number) }.into()
}

pub(crate) fn registration(number: u8) -> Registration {
    Registration {
        name: format!("Phone {number}"),
        signing_key: P256Public([number; 64]),
        jkt: Digest([number; 32]),
        hpke_key: [number; 32],
        authenticator: Authenticator {
            credential_id: vec![number],
            credential_key: P256Public([number; 64]),
            rp_id: "wallet.example".into(),
            origin: "https://wallet.example".into(),
            amr: vec!["swk".into()],
            sign_count: u32::from(number == 2),
        },
    }
}

pub(crate) const VERSIONS_KEPT: Duration = Duration::from_secs(30 * 24 * 3_600);

pub(crate) fn stored(number: u8) -> StoredObject {
    StoredObject {
        digest: Digest([number; 32]),
        size: 10,
        blob: None,
        pieces: 1,
        created: Timestamp(0),
        erase: None,
    }
}

pub(crate) fn version(number: u8, version: u64) -> ItemVersion {
    ItemVersion {
        version,
        epoch: 0,
        object: [number; 16],
        digest: Digest([number; 32]),
        size: 10,
        salt: [number; 32],
        tombstone: None,
    }
}

pub(crate) fn manifest(epoch: u64) -> ManifestHead {
    ManifestHead { epoch, root: Digest([u8::try_from(epoch).unwrap_or(255); 32]) }
}

pub(crate) fn commit(previous: u64, items: Vec<(Digest, ItemVersion)>) -> Command {
    vault::Command::Commit {
        previous: manifest(previous),
        next: manifest(previous + 1),
        document: vec![7],
        items,
        nodes_added: Vec::new(),
        nodes_removed: Vec::new(),
        versions_kept: VERSIONS_KEPT,
    }
    .into()
}

pub(crate) fn request(mode: ResponseMode) -> Request {
    Request {
        offer: the_offer(),
        offer_hash: Digest([1; 32]),
        response_mode: mode,
        redirect_uri: (mode == ResponseMode::Query).then(|| "https://bank.example/back".into()),
        state: None,
        challenge: CHALLENGE,
        hash: Digest([5; 32]),
        front_end: None,
    }
}

pub(crate) fn session_id(number: u8) -> Id {
    World::id(Kind::Session, number)
}
pub(crate) fn grant_id(number: u8) -> Id {
    World::id(Kind::Grant, number)
}

pub(crate) fn push(number: u8, mode: ResponseMode) -> (Principal, Id, Command) {
    let command = session::Command::Push {
        request: Box::new(request(mode)),
        reference_hash: Digest([number; 32]),
        document: vec![6],
    };
    (Principal::Institution(bank()), session_id(number), command.into())
}

/// As [`push`], for one front end alone.
pub(crate) fn push_for(number: u8, mode: ResponseMode, front_end: Id) -> (Principal, Id, Command) {
    let command = session::Command::Push {
        request: Box::new(Request { front_end: Some(front_end), ..request(mode) }),
        reference_hash: Digest([number; 32]),
        document: vec![6],
    };
    (Principal::Institution(bank()), session_id(number), command.into())
}

/// A front end opens a session that was pushed for it, without its reference.
pub(crate) fn open_own(number: u8, front_end: Id) -> (Principal, Id, Command) {
    let command = session::Command::Open {
        reference_hash: None,
        hint: None,
        statement: vec![8],
        statement_hash: Digest([number; 32]),
    };
    (Principal::FrontEnd(front_end), session_id(number), command.into())
}

pub(crate) fn open(number: u8, front_end: bool) -> (Principal, Id, Command) {
    let command = session::Command::Open {
        reference_hash: Some(Digest([number; 32])),
        hint: None,
        statement: vec![8],
        statement_hash: Digest([number; 32]),
    };
    let principal = if front_end { Principal::FrontEnd(kiosk()) } else { Principal::Anyone };
    (principal, session_id(number), command.into())
}

/// As [`open`] by the front end, with what a phone showed it.
pub(crate) fn open_hinted(number: u8, hint: Credential) -> (Principal, Id, Command) {
    let command = session::Command::Open {
        reference_hash: Some(Digest([number; 32])),
        hint: Some(hint),
        statement: vec![8],
        statement_hash: Digest([number; 32]),
    };
    (Principal::FrontEnd(kiosk()), session_id(number), command.into())
}

/// A device gets token `number` as a hint to show.
pub(crate) fn hint(device: u8, number: u8) -> (Principal, Id, Command) {
    let command = device::Command::Hint { token: token(number) };
    (Principal::Device(phone(device)), phone(device), command.into())
}

pub(crate) fn claim(number: u8, device: u8) -> (Principal, Id, Command) {
    let command = session::Command::Claim { number: 42 };
    (Principal::Device(phone(device)), session_id(number), command.into())
}

pub(crate) fn confirm(number: u8, typed: u8) -> (Principal, Id, Command) {
    let command = session::Command::Confirm { number: typed };
    (Principal::FrontEnd(kiosk()), session_id(number), command.into())
}

/// An approval of session `number` as grant `number`, code token `number`.
pub(crate) fn approve(
    number: u8,
    device: u8,
    mode: ResponseMode,
    uses_max: u32,
    now: Timestamp,
) -> (Principal, Id, Command) {
    let items = (1..=2)
        .map(|item| {
            let granted = GrantedItem {
                path: format!("item_{item}"),
                item: Digest([item; 32]),
                version: 1,
                object: [item; 16],
                digest: Digest([item; 32]),
                epoch: 0,
            };
            (granted, vec![item; 48])
        })
        .collect();
    let approve = Approve {
        session: session_id(number),
        request: request(mode),
        statement_hash: Digest([number; 32]),
        institution: bank(),
        vault: vault_id(),
        selection: vec![number],
        selection_hash: Digest([number; 32]),
        terms: Terms {
            purpose: "dpv:IdentityVerification".into(),
            frequency: Frequency { uses_max, period_seconds: None },
            data_life_seconds: None,
            delivery: Delivery::Institution,
            covers_future: false,
            expires: now.after(std::time::Duration::from_secs(3_600)),
        },
        items,
        refused: 1,
        handle: format!("cod_{number}"),
        code: token(number),
        code_wrap: vec![1; 48],
        sealed_half: (mode == ResponseMode::Session).then(|| vec![2; 80]),
        authentication: Authentication {
            amr: vec!["swk".into(), "user".into()],
            acr: "urn:symbolon:acr:uv".into(),
            auth_time: now,
        },
    };
    let command = grant::Command::Approve(Box::new(approve));
    (Principal::Device(phone(device)), grant_id(number), command.into())
}

fn new_token(number: u8) -> NewToken {
    NewToken { credential: token(number), wrap: GrantWrap { wrapped: vec![number; 48] } }
}

/// Redeems code `number` as access token `50 + number` and refresh token `70 + number`.
pub(crate) fn redeem(number: u8, right_verifier: bool) -> (Principal, Id, Command) {
    let redeem = Redeem {
        hash: Digest([number; 32]),
        challenge: if right_verifier { CHALLENGE } else { Digest([0; 32]) },
        redirect_uri: None,
        certificate: CERTIFICATE,
        half_fits: true,
        access: new_token(50 + number),
        refresh: new_token(70 + number),
        verdict: Verdict::Permit,
    };
    let command = token::Command::Redeem(Box::new(redeem));
    (Principal::Institution(bank()), token(number).id, command.into())
}

pub(crate) fn refresh(number: u8, access: u8) -> (Principal, Id, Command) {
    let refresh = Refresh {
        hash: Digest([70 + number; 32]),
        certificate: CERTIFICATE,
        access: new_token(access),
        verdict: Verdict::Permit,
    };
    let command = token::Command::Refresh(Box::new(refresh));
    (Principal::Institution(bank()), token(70 + number).id, command.into())
}

pub(crate) fn read(number: u8, access: u8, read: u8) -> (Principal, Id, Command) {
    let read = Read {
        read: [read; 16],
        token: token(access).id,
        token_hash: Digest([access; 32]),
        certificate: CERTIFICATE,
        paths: vec!["item_1".into(), "item_3".into()],
        verdict: Verdict::Permit,
    };
    let command = grant::Command::Read(Box::new(read));
    (Principal::Institution(bank()), grant_id(number), command.into())
}

pub(crate) fn move_grant(
    number: u8,
    device: u8,
    to: grant::GrantState,
) -> (Principal, Id, Command) {
    let command = grant::Command::Move { to, document_hash: Some(Digest([1; 32])) };
    (Principal::Device(phone(device)), grant_id(number), command.into())
}

/// The whole exchange until tokens: session, grant and code of this number.
pub(crate) fn consent(world: &mut World, number: u8, uses_max: u32) -> Result<Reply, Rejection> {
    let mode = ResponseMode::Scan;
    let now = world.now;
    for (principal, id, command) in [
        push(number, mode),
        open(number, true),
        claim(number, 1),
        confirm(number, 42),
        approve(number, 1, mode, uses_max, now),
    ] {
        world.run(&principal, id, &command)?;
    }
    world.deliver();
    let (principal, id, command) = redeem(number, true);
    world.run(&principal, id, &command)
}

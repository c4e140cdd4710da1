//! Scenes: what must happen, and what must be refused, one by one.

use super::cast::*;
use super::world::World;
use std::time::Duration;
use symbolon_domain::act::read::{ItemStatus, ReadReply};
use symbolon_domain::act::redeem::Redeem;
use symbolon_domain::bytes::Digest;
use symbolon_domain::entity::grant::GrantState;
use symbolon_domain::entity::session::{EndReason, ResponseMode, SessionStage};
use symbolon_domain::entity::token::TokenState;
use symbolon_domain::entity::{
    self, Command, FromHead, Reply, grant::Grant, session::Session, token::Token,
};
use symbolon_domain::key::Row;
use symbolon_domain::port::Principal;
use symbolon_domain::{Id, Rejection};

fn run(world: &mut World, what: (Principal, Id, Command)) -> Result<Reply, Rejection> {
    world.run(&what.0, what.1, &what.2)
}

fn head<T: FromHead + Clone>(world: &World, id: Id) -> T {
    T::from_head(&world.heads[&id].head).unwrap().clone()
}

fn read_reply(reply: Reply) -> ReadReply {
    let Reply::Read(reply) = reply else { panic!("{reply:?}") };
    *reply
}

fn statuses(reply: Reply) -> Vec<ItemStatus> {
    read_reply(reply).items.iter().map(|item| item.status).collect()
}

#[test]
fn the_whole_exchange() {
    let mut world = stage();
    consent(&mut world, 1, 3).unwrap();
    let session: Session = head(&world, session_id(1));
    assert_eq!(session.end, Some(EndReason::Approved));
    assert_eq!(session.grant, Some(grant_id(1)));
    let reply = run(&mut world, read(1, 51, 1)).unwrap();
    assert_eq!(statuses(reply), [ItemStatus::Ok, ItemStatus::NotGranted]);
    let grant: Grant = head(&world, grant_id(1));
    assert_eq!((grant.uses, grant.records, world.leaves), (1, 2, 2));
}

#[test]
fn a_code_is_redeemed_once() {
    let mut world = stage();
    consent(&mut world, 1, 3).unwrap();
    assert_eq!(run(&mut world, redeem(1, true)), Err(Rejection::InvalidGrant));
    // Within the grace it is a retry that lost its answer; nothing is revoked.
    let access: Token = head(&world, token(51).id);
    assert_eq!(access.state, TokenState::Live);
    // Later it is a replay: what the code gave ends, and its wraps with it.
    world.pass(Duration::from_secs(11));
    assert_eq!(run(&mut world, redeem(1, true)), Err(Rejection::InvalidGrant));
    for issued in [51, 71] {
        let issued: Token = head(&world, token(issued).id);
        assert_eq!(issued.state, TokenState::Revoked);
    }
    assert!(!world.rows.contains_key(&(grant_id(1), Row::GrantWrap(token(51).id))));
    assert_eq!(run(&mut world, read(1, 51, 1)), Err(Rejection::InvalidToken));
}

#[test]
fn five_wrong_verifiers_consume_a_code_and_a_wrong_client_does_not() {
    let mut world = stage();
    let mode = ResponseMode::Scan;
    for what in [push(1, mode), open(1, true), claim(1, 1), confirm(1, 42)] {
        run(&mut world, what).unwrap();
    }
    let now = world.now;
    run(&mut world, approve(1, 1, mode, 1, now)).unwrap();
    let stranger = Principal::Institution(World::id(symbolon_domain::Kind::Institution, 2));
    let by_bank = Principal::Institution(bank());
    let refused = |world: &mut World, by: &Principal, change: &dyn Fn(&mut Redeem)| {
        let (_, id, mut command) = redeem(1, true);
        let Command::Token(entity::token::Command::Redeem(redeem)) = &mut command else {
            unreachable!()
        };
        change(redeem);
        assert_eq!(world.run(by, id, &command), Err(Rejection::InvalidGrant));
    };
    let wrong = |redeem: &mut Redeem| redeem.challenge = Digest([0; 32]);
    for _ in 0..9 {
        refused(&mut world, &stranger, &|_| ());
        refused(&mut world, &stranger, &wrong);
        refused(&mut world, &by_bank, &|redeem| {
            wrong(redeem);
            redeem.hash = Digest([7; 32]);
        });
        refused(&mut world, &by_bank, &|redeem| redeem.half_fits = false);
    }
    // An address that the request did not name counts like a wrong verifier.
    let uri = "https://bank.example/cb".to_owned();
    refused(&mut world, &by_bank, &|redeem| redeem.redirect_uri = Some(uri.clone()));
    for _ in 0..3 {
        refused(&mut world, &by_bank, &wrong);
    }
    let mut other = snapshot(&world);
    run(&mut other, redeem(1, true)).unwrap();
    assert_eq!(run(&mut world, redeem(1, false)), Err(Rejection::InvalidGrant));
    assert_eq!(run(&mut world, redeem(1, true)), Err(Rejection::InvalidGrant));
}

pub(crate) fn snapshot(world: &World) -> World {
    let mut copy = World::new();
    copy.now = world.now;
    copy.heads = world.heads.clone();
    copy.rows = world.rows.clone();
    copy
}

#[test]
fn a_session_has_one_device_and_one_try() {
    let mut world = stage();
    let mode = ResponseMode::Session;
    run(&mut world, push(1, mode)).unwrap();
    assert_eq!(run(&mut world, open(1, false)), Err(Rejection::WrongResponseMode));
    run(&mut world, open(1, true)).unwrap();
    assert_eq!(run(&mut world, open(1, true)), Err(Rejection::WrongState));
    run(&mut world, claim(1, 1)).unwrap();
    assert!(run(&mut world, claim(1, 1)).is_ok(), "the same device again");
    assert_eq!(run(&mut world, claim(1, 2)), Err(Rejection::SessionClaimed));
    let now = world.now;
    assert_eq!(run(&mut world, approve(1, 1, mode, 1, now)), Err(Rejection::NumberRequired));
    assert_eq!(run(&mut world, confirm(1, 41)), Err(Rejection::WrongNumber));
    assert_eq!(run(&mut world, confirm(1, 42)), Err(Rejection::SessionEnded));
    assert_eq!(run(&mut world, approve(1, 1, mode, 1, now)), Err(Rejection::SessionEnded));
    assert!(!world.rows.contains_key(&(kiosk(), Row::FrontEndSlot(0))), "its place is free");
}

#[test]
fn a_session_is_its_devices_and_its_front_ends_alone() {
    let mut world = stage();
    let till = another_front_end(&mut world);
    let mode = ResponseMode::Session;
    for what in [push(1, mode), open(1, true), claim(1, 1)] {
        run(&mut world, what).unwrap();
    }
    let (_, id, typed) = confirm(1, 42);
    assert_eq!(world.run(&Principal::FrontEnd(till), id, &typed), Err(Rejection::NotFound));
    run(&mut world, confirm(1, 42)).unwrap();
    let deny = entity::session::Command::Deny.into();
    let other = Principal::Device(phone(2));
    assert_eq!(world.run(&other, id, &deny), Err(Rejection::SessionClaimed));
    let now = world.now;
    assert_eq!(run(&mut world, approve(1, 2, mode, 1, now)), Err(Rejection::SessionClaimed));
    assert!(run(&mut world, approve(1, 1, mode, 1, now)).is_ok());
}

#[test]
fn an_approval_is_answered_once_and_repeated_alike() {
    let mut world = stage();
    let mode = ResponseMode::Session;
    for what in [push(1, mode), open(1, true), claim(1, 1), confirm(1, 42)] {
        run(&mut world, what).unwrap();
    }
    let now = world.now;
    let first = run(&mut world, approve(1, 1, mode, 1, now)).unwrap();
    assert_eq!(run(&mut world, approve(1, 1, mode, 1, now)), Ok(first.clone()));
    world.deliver();
    assert_eq!(run(&mut world, approve(1, 1, mode, 1, now)), Ok(first));
    // Another grant for the same session is not.
    let (principal, _, command) = approve(1, 1, mode, 1, now);
    assert_eq!(world.run(&principal, grant_id(9), &command), Err(Rejection::SessionEnded));
}

#[test]
fn a_front_end_has_a_cap() {
    let mut world = stage();
    for number in 1..=3 {
        run(&mut world, push(number, ResponseMode::Scan)).unwrap();
    }
    run(&mut world, open(1, true)).unwrap();
    run(&mut world, open(2, true)).unwrap();
    assert_eq!(run(&mut world, open(3, true)), Err(Rejection::LimitReached));
    world.pass(Duration::from_secs(121));
    world.sweep();
    run(&mut world, push(4, ResponseMode::Scan)).unwrap();
    run(&mut world, open(4, true)).unwrap();
}

#[test]
fn time_ends_what_it_should_without_a_timer() {
    let mut world = stage();
    run(&mut world, push(1, ResponseMode::Scan)).unwrap();
    run(&mut world, open(1, true)).unwrap();
    world.pass(Duration::from_secs(120));
    assert_eq!(run(&mut world, claim(1, 1)), Err(Rejection::SessionExpired));
    consent(&mut world, 2, 3).unwrap();
    world.pass(Duration::from_secs(3_600));
    assert_eq!(run(&mut world, read(2, 52, 1)), Err(Rejection::InvalidToken));
}

#[test]
fn pause_resume_revoke() {
    let mut world = stage();
    consent(&mut world, 1, 9).unwrap();
    run(&mut world, move_grant(1, 2, GrantState::Paused)).unwrap();
    let paused = run(&mut world, read(1, 51, 1)).unwrap();
    assert_eq!(statuses(paused), [ItemStatus::Paused, ItemStatus::NotGranted]);
    run(&mut world, move_grant(1, 1, GrantState::Active)).unwrap();
    let reply = read_reply(run(&mut world, read(1, 51, 1)).unwrap());
    assert_eq!(reply.uses, 1, "a refused read was no use");
    run(&mut world, move_grant(1, 1, GrantState::Revoked)).unwrap();
    assert_eq!(run(&mut world, move_grant(1, 1, GrantState::Active)), Err(Rejection::GrantRevoked));
    // The same read again: revoked, and still one use.
    let again = run(&mut world, read(1, 51, 1)).unwrap();
    assert_eq!(statuses(again), [ItemStatus::Revoked, ItemStatus::NotGranted]);
    let grant: Grant = head(&world, grant_id(1));
    assert_eq!(grant.uses, 1);
    let wraps = world.rows.keys().filter(|(id, row)| {
        *id == grant_id(1) && matches!(row, Row::GrantWrap(_) | Row::GrantItemWrap(_))
    });
    assert_eq!(wraps.count(), 0, "nothing is left that opens anything");
    assert_eq!(run(&mut world, refresh(1, 90)), Err(Rejection::GrantRevoked));
}

#[test]
fn frequency_counts_uses_and_not_retries() {
    let mut world = stage();
    consent(&mut world, 1, 2).unwrap();
    for id in [1, 1, 2, 2, 1] {
        let reply = run(&mut world, read(1, 51, id)).unwrap();
        assert_eq!(statuses(reply)[0], ItemStatus::Ok);
    }
    let reply = run(&mut world, read(1, 51, 3)).unwrap();
    assert_eq!(statuses(reply)[0], ItemStatus::FrequencyExceeded);
}

#[test]
fn a_retry_lends_nothing_that_its_record_does_not_name() {
    let mut world = stage();
    consent(&mut world, 1, 2).unwrap();
    let with_paths = |paths: &[&str]| {
        let (principal, id, mut command) = read(1, 51, 1);
        if let Command::Grant(entity::grant::Command::Read(read)) = &mut command {
            read.paths = paths.iter().map(ToString::to_string).collect();
        }
        (principal, id, command)
    };
    let first = run(&mut world, with_paths(&["item_1"])).unwrap();
    assert_eq!(statuses(first), [ItemStatus::Ok]);
    for paths in [&["item_2"][..], &["item_1", "item_2"]] {
        let more = run(&mut world, with_paths(paths));
        assert_eq!(more, Err(Rejection::IdempotencyMismatch), "{paths:?}");
    }
    let again = read_reply(run(&mut world, with_paths(&["item_1"])).unwrap());
    assert_eq!((again.items[0].status, again.uses), (ItemStatus::Ok, 1));
}

#[test]
fn a_newer_version_is_told_and_the_ticked_one_given() {
    let mut world = stage();
    consent(&mut world, 1, 5).unwrap();
    let put = symbolon_domain::entity::vault::Command::PutObject {
        object: [77; 16],
        stored: symbolon_domain::entity::vault::StoredObject {
            digest: symbolon_domain::bytes::Digest([77; 32]),
            ..stored(1)
        },
        pieces: vec![vec![7; 10]],
        bytes_max: 1_000,
    };
    let device = Principal::Device(phone(1));
    world.run(&device, vault_id(), &put.into()).unwrap();
    let newer = symbolon_domain::entity::vault::ItemVersion {
        object: [77; 16],
        digest: symbolon_domain::bytes::Digest([77; 32]),
        ..version(1, 2)
    };
    let item = symbolon_domain::bytes::Digest([1; 32]);
    world.run(&device, vault_id(), &commit(1, vec![(item, newer)])).unwrap();
    let reply = read_reply(run(&mut world, read(1, 51, 1)).unwrap());
    assert_eq!(reply.items[0].status, ItemStatus::Superseded);
    assert_eq!(reply.items[0].value.as_ref().map(|lent| lent.version), Some(1));
}

#[test]
fn a_manifest_conflict_changes_nothing() {
    let mut world = stage();
    let device = Principal::Device(phone(2));
    let items = vec![(symbolon_domain::bytes::Digest([2; 32]), version(2, 2))];
    let Command::Vault(mut stale) = commit(0, items) else { panic!() };
    if let symbolon_domain::entity::vault::Command::Commit { next, .. } = &mut stale {
        next.root = symbolon_domain::bytes::Digest([99; 32]);
    }
    let rows = world.rows.clone();
    assert_eq!(world.run(&device, vault_id(), &stale.into()), Err(Rejection::ManifestConflict));
    assert_eq!(world.rows, rows);
    // The commit that is there already, again: a retry.
    let again = commit(0, Vec::new());
    assert!(world.run(&device, vault_id(), &again).is_ok());
}

#[test]
fn a_deleted_vault_ends_everything_in_one_batch() {
    let mut world = stage();
    consent(&mut world, 1, 5).unwrap();
    let device = Principal::Device(phone(1));
    let delete = symbolon_domain::entity::vault::Command::Delete;
    world.run(&device, vault_id(), &delete.into()).unwrap();
    let reply = run(&mut world, read(1, 51, 1)).unwrap();
    assert_eq!(statuses(reply)[0], ItemStatus::Gone);
    assert_eq!(run(&mut world, refresh(1, 90)), Err(Rejection::VaultGone));
    for _ in 0..3 {
        world.sweep();
    }
    assert!(!world.heads.contains_key(&vault_id()));
    assert!(!world.rows.keys().any(|(id, _)| *id == vault_id()));
}

#[test]
fn refreshed_tokens_are_bounded_and_revoked_together() {
    let mut world = stage();
    consent(&mut world, 1, 50).unwrap();
    for access in 110..117 {
        run(&mut world, refresh(1, access)).unwrap();
    }
    assert_eq!(run(&mut world, refresh(1, 117)), Err(Rejection::LimitReached));
    let revoke = symbolon_domain::entity::token::Command::Revoke;
    let by_bank = Principal::Institution(bank());
    world.run(&by_bank, token(71).id, &revoke.into()).unwrap();
    for access in 110..117 {
        let access: Token = head(&world, token(access).id);
        assert_eq!(access.state, TokenState::Revoked);
    }
    let wraps: Vec<&(Id, Row)> =
        world.rows.keys().filter(|(_, row)| matches!(row, Row::GrantWrap(_))).collect();
    assert_eq!(wraps.len(), 0, "{wraps:?}");
}

#[test]
fn sessions_are_erased_in_the_end() {
    let mut world = stage();
    consent(&mut world, 1, 1).unwrap();
    let session: Session = head(&world, session_id(1));
    assert_eq!(session.stage, SessionStage::Ended);
    world.pass(Duration::from_secs(3_601));
    world.sweep();
    assert!(!world.heads.contains_key(&session_id(1)));
}

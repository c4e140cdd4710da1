//! Devices: whose word counts in a vault, and what a batch pins so that it still counts when
//! the batch is written.

use super::cast::*;
use super::world::World;
use symbolon_domain::bytes::Digest;
use symbolon_domain::crypto::P256Public;
use symbolon_domain::crypto::wrap::Wrap;
use symbolon_domain::entity::device::{self, SignCount, Voucher};
use symbolon_domain::entity::vault::{self, Recovery};
use symbolon_domain::entity::{Command, Reply, RowCondition};
use symbolon_domain::key::Row;
use symbolon_domain::port::Principal;
use symbolon_domain::{Id, Kind, Rejection};

const STRANGER: u8 = 9;

/// The stage, and a vault of somebody else's with one device.
fn with_stranger() -> World {
    let mut world = stage();
    let create = vault::Command::Create {
        device: phone(STRANGER),
        registration: Box::new(registration(STRANGER)),
        token: token(109),
        recovery: None,
        empty_root: Digest([0; 32]),
    };
    world.run(&Principal::Anyone, World::id(Kind::Vault, STRANGER), &create.into()).unwrap();
    world
}

fn by(world: &mut World, device: u8, id: Id, command: Command) -> Result<Reply, Rejection> {
    world.run(&Principal::Device(phone(device)), id, &command)
}

fn join(world: &mut World, device: u8, voucher: Voucher) -> Result<Reply, Rejection> {
    let registration = Box::new(registration(device));
    let command = device::Command::Enrol { voucher, registration, token: token(200 + device) };
    world.run(&Principal::Anyone, phone(device), &command.into())
}

fn renew() -> Command {
    let (key, wrap) = (P256Public([7; 64]), Wrap::from_bytes(vec![7; 80]));
    vault::Command::RenewRecovery(Recovery { key, wrap }).into()
}

fn revoke(world: &mut World, asker: u8, device: u8) -> Result<Reply, Rejection> {
    by(world, asker, phone(device), device::Command::Revoke.into())
}

#[test]
fn a_strangers_device_does_nothing_here() {
    let mut world = with_stranger();
    let refused = Err(Rejection::NotFound);
    assert_eq!(revoke(&mut world, STRANGER, 1), refused);
    assert_eq!(by(&mut world, STRANGER, phone(1), device::Command::Look.into()), refused);
    for command in [renew(), vault::Command::Delete.into(), vault::Command::Look.into()] {
        assert_eq!(by(&mut world, STRANGER, vault_id(), command), refused);
    }
}

#[test]
fn only_a_living_device_of_a_living_vault_lets_another_in() {
    let mut world = stage();
    revoke(&mut world, 1, 2).unwrap();
    let outcome = join(&mut world, 3, Voucher::Device(phone(2)));
    assert_eq!(outcome, Err(Rejection::DeviceRevoked));
    assert_eq!(revoke(&mut world, 2, 1), Err(Rejection::DeviceRevoked));
    by(&mut world, 1, vault_id(), vault::Command::Delete.into()).unwrap();
    let outcome = join(&mut world, 3, Voucher::Device(phone(1)));
    assert_eq!(outcome, Err(Rejection::VaultGone));
    assert!(!world.heads.contains_key(&phone(3)));
}

/// Between the decision and its batch the one who gave the word can be revoked, the vault
/// deleted and the sheet replaced.
#[test]
fn the_word_must_still_count_when_the_batch_is_written() {
    let mut world = stage();
    join(&mut world, 3, Voucher::Device(phone(1))).unwrap();
    assert_eq!(world.pinned.0, [phone(1), vault_id()]);
    by(&mut world, 2, vault_id(), renew()).unwrap();
    assert_eq!(world.pinned.0, [phone(2)]);
    let sheet = Voucher::Recovery { vault: vault_id(), key: P256Public([7; 64]) };
    join(&mut world, 4, sheet).unwrap();
    assert_eq!(world.pinned.0, [vault_id()]);
    revoke(&mut world, 1, 4).unwrap();
    assert_eq!(world.pinned.0, [phone(1)]);
    // The one who asks is the one that changes: its own revision is pinned anyway.
    revoke(&mut world, 3, 3).unwrap();
    assert_eq!(world.pinned.0, []);
    by(&mut world, 1, vault_id(), vault::Command::Delete.into()).unwrap();
    assert_eq!(world.pinned.0, [phone(1)]);
}

/// Two copies of one authenticator at the same moment: one of the two batches is refused.
#[test]
fn a_counter_is_taken_once() {
    let mut world = stage();
    let count = |world: &mut World, count, document| {
        let seen = SignCount { count, document: Digest([document; 32]) };
        world.run(&Principal::System, phone(1), &device::Command::Count(seen).into()).unwrap();
        world.pinned.1.clone()
    };
    let row = Row::DeviceSignCount;
    assert_eq!(count(&mut world, 4, 1), [RowCondition::Absent(phone(1), row.clone())]);
    assert_eq!(count(&mut world, 6, 2), [RowCondition::RevisionIs(phone(1), row, 4)]);
    assert_eq!(count(&mut world, 6, 2), [], "the same sent again writes nothing");
}

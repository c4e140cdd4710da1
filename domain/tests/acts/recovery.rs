//! The recovery sheet: on whose word a device comes in, and who is told.

use super::cast::*;
use super::scenes::snapshot;
use super::world::World;
use symbolon_domain::crypto::P256Public;
use symbolon_domain::crypto::wrap::Wrap;
use symbolon_domain::entity::device::{self, Admission, Device, Voucher};
use symbolon_domain::entity::notice::Body;
use symbolon_domain::entity::vault::{self, Recovery};
use symbolon_domain::entity::{FromHead, Reply};
use symbolon_domain::port::Principal;
use symbolon_domain::{Id, Kind, Rejection};

fn sheet(number: u8) -> Recovery {
    Recovery { key: P256Public([number; 64]), wrap: Wrap::from_bytes(vec![number; 80]) }
}

fn renew(world: &mut World, by: u8, number: u8) -> Result<Reply, Rejection> {
    let command = vault::Command::RenewRecovery(sheet(number));
    world.run(&Principal::Device(phone(by)), vault_id(), &command.into())
}

fn recover(world: &mut World, vault: Id, device: u8, key: u8) -> Result<Reply, Rejection> {
    let voucher = Voucher::Recovery { vault, key: P256Public([key; 64]) };
    join(world, device, voucher)
}

fn join(world: &mut World, device: u8, voucher: Voucher) -> Result<Reply, Rejection> {
    let registration = Box::new(registration(device));
    let command = device::Command::Enrol { voucher, registration, token: token(200 + device) };
    world.run(&Principal::Anyone, phone(device), &command.into())
}

fn head(world: &World, device: u8) -> Device {
    Device::from_head(&world.heads[&phone(device)].head).unwrap().clone()
}

#[test]
fn only_the_vaults_own_sheet_lets_a_device_in() {
    let mut world = stage();
    let mut refused = snapshot(&world);
    assert_eq!(recover(&mut refused, vault_id(), 3, 7), Err(Rejection::RecoveryRefused), "none");
    renew(&mut world, 1, 7).unwrap();
    assert_eq!(recover(&mut world, vault_id(), 3, 8), Err(Rejection::RecoveryRefused));
    let elsewhere = World::id(Kind::Vault, 9);
    assert_eq!(recover(&mut world, elsewhere, 3, 7), Err(Rejection::RecoveryRefused));
    assert!(!world.heads.contains_key(&phone(3)));
    recover(&mut world, vault_id(), 3, 7).unwrap();
    let device = head(&world, 3);
    assert_eq!((device.vault, device.admitted), (vault_id(), Admission::Recovery));
    assert_eq!(recover(&mut world, vault_id(), 3, 7), Err(Rejection::AlreadyExists));
    // What was let in is a device like another, and the sheet can be used again.
    join(&mut world, 4, Voucher::Device(phone(3))).unwrap();
    assert_eq!(head(&world, 4).admitted, Admission::Device(phone(3)));
    recover(&mut world, vault_id(), 5, 7).unwrap();
    assert_eq!(head(&world, 1).admitted, Admission::First);
}

#[test]
fn a_renewed_sheet_makes_the_one_before_useless() {
    let mut world = stage();
    renew(&mut world, 1, 7).unwrap();
    renew(&mut world, 2, 8).unwrap();
    assert_eq!(recover(&mut world, vault_id(), 3, 7), Err(Rejection::RecoveryRefused));
    recover(&mut world, vault_id(), 3, 8).unwrap();
    // Not by a device that was revoked, and not by a stranger's.
    let by = Principal::Device(phone(1));
    world.run(&by, phone(2), &device::Command::Revoke.into()).unwrap();
    assert_eq!(renew(&mut world, 2, 9), Err(Rejection::DeviceRevoked));
    let stranger = Principal::Device(World::id(Kind::Device, 99));
    let command = vault::Command::RenewRecovery(sheet(9)).into();
    assert_eq!(world.run(&stranger, vault_id(), &command), Err(Rejection::NotFound));
}

#[test]
fn a_deleted_vault_is_gone_for_its_sheet_and_unknown_to_others() {
    let mut world = stage();
    renew(&mut world, 1, 7).unwrap();
    let by = Principal::Device(phone(1));
    world.run(&by, vault_id(), &vault::Command::Delete.into()).unwrap();
    assert_eq!(recover(&mut world, vault_id(), 3, 7), Err(Rejection::VaultGone));
    assert_eq!(recover(&mut world, vault_id(), 3, 8), Err(Rejection::RecoveryRefused));
    assert_eq!(renew(&mut world, 1, 9), Err(Rejection::VaultGone));
}

#[test]
fn every_device_is_told() {
    let mut world = stage();
    let before = world.notices.len();
    renew(&mut world, 1, 7).unwrap();
    recover(&mut world, vault_id(), 3, 7).unwrap();
    let by = Principal::Device(phone(1));
    world.run(&by, phone(3), &device::Command::Revoke.into()).unwrap();
    // Revoked already: nobody is told twice.
    world.run(&by, phone(3), &device::Command::Revoke.into()).unwrap();
    let told = &world.notices[before..];
    assert!(told.iter().all(|notice| notice.to == vault_id()));
    let joined = |revoked| Body::Device {
        device: phone(3),
        name: "Phone 3".into(),
        admitted: Admission::Recovery,
        revoked,
    };
    let bodies: Vec<Body> = told.iter().map(|notice| notice.body.clone()).collect();
    assert_eq!(bodies, [Body::RecoveryRenewed { device: phone(1) }, joined(false), joined(true)]);
}

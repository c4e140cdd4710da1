//! Scenes of the reverse start: the phone shows a code, the front end opens a session with
//! it, and the session is that phone's alone.

use super::cast::*;
use super::counter::run;
use super::scenes::snapshot;
use super::world::World;
use std::time::Duration;
use symbolon_domain::bytes::Digest;
use symbolon_domain::entity::device::HINT_LIFE;
use symbolon_domain::entity::notice::Body;
use symbolon_domain::entity::session::{ResponseMode, Session, SessionStage};
use symbolon_domain::entity::token::Credential;
use symbolon_domain::entity::{Command, FromHead, device, vault};
use symbolon_domain::key::Row;
use symbolon_domain::port::Principal;
use symbolon_domain::{Id, Rejection};

const MODE: ResponseMode = ResponseMode::Session;

fn session(world: &World, number: u8) -> Session {
    Session::from_head(&world.heads[&session_id(number)].head).unwrap().clone()
}

/// Opening with this hint is refused, and the session is as it was.
fn refused(world: &mut World, number: u8, hint: Credential) {
    let rows = world.rows.clone();
    assert_eq!(run(world, open_hinted(number, hint)), Err(Rejection::InvalidHint));
    assert_eq!(session(world, number).stage, SessionStage::Pushed);
    assert_eq!(world.rows, rows, "no place is taken");
}

#[test]
fn a_session_for_the_phone_that_showed_the_code() {
    let mut world = stage();
    run(&mut world, hint(1, 120)).unwrap();
    run(&mut world, push(1, MODE)).unwrap();
    run(&mut world, open_hinted(1, token(120))).unwrap();
    assert_eq!(session(&world, 1).invited, Some(phone(1)));
    let invited = Body::Invited { device: phone(1), session: session_id(1), thumbprint: [1; 16] };
    let told = world.notices.iter().filter(|notice| notice.body == invited);
    assert_eq!(told.map(|notice| notice.to).collect::<Vec<_>>(), [vault_id()]);

    // Not even another device of the same person.
    assert_eq!(run(&mut world, claim(1, 2)), Err(Rejection::SessionClaimed));
    run(&mut world, claim(1, 1)).unwrap();
    assert_eq!(session(&world, 1).stage, SessionStage::Claimed, "the number is typed all the same");
    let now = world.now;
    assert_eq!(run(&mut world, approve(1, 1, MODE, 1, now)), Err(Rejection::NumberRequired));
    run(&mut world, confirm(1, 42)).unwrap();
    run(&mut world, approve(1, 1, MODE, 1, now)).unwrap();
}

#[test]
fn a_hint_is_used_once() {
    let mut world = stage();
    run(&mut world, hint(1, 120)).unwrap();
    for number in [1, 2] {
        run(&mut world, push(number, MODE)).unwrap();
    }
    run(&mut world, open_hinted(1, token(120))).unwrap();
    refused(&mut world, 2, token(120));
    run(&mut world, open(2, true)).unwrap();
    assert_eq!(session(&world, 2).invited, None);
    run(&mut world, claim(2, 2)).unwrap();
}

#[test]
fn what_does_not_open_a_session_uses_no_hint_up() {
    let mut world = stage();
    run(&mut world, hint(1, 120)).unwrap();
    for number in [1, 2, 3] {
        run(&mut world, push(number, MODE)).unwrap();
    }
    run(&mut world, open(1, true)).unwrap();
    assert_eq!(run(&mut world, open_hinted(1, token(120))), Err(Rejection::WrongState));
    run(&mut world, open(2, true)).unwrap();
    assert_eq!(run(&mut world, open_hinted(3, token(120))), Err(Rejection::LimitReached));
    world
        .run(
            &Principal::FrontEnd(kiosk()),
            session_id(1),
            &symbolon_domain::entity::session::Command::Cancel.into(),
        )
        .unwrap();
    run(&mut world, open_hinted(3, token(120))).unwrap();
}

#[test]
fn a_hint_has_its_time() {
    let mut world = stage();
    run(&mut world, hint(1, 120)).unwrap();
    world.pass(HINT_LIFE - Duration::from_millis(1));
    run(&mut world, push(1, MODE)).unwrap();
    let mut late = snapshot(&world);
    run(&mut world, open_hinted(1, token(120))).unwrap();
    late.pass(Duration::from_millis(1));
    refused(&mut late, 1, token(120));
    late.sweep();
    assert!(!late.heads.contains_key(&token(120).id), "forgotten");
    refused(&mut late, 1, token(120));
}

#[test]
fn what_is_no_hint_of_a_living_device() {
    let mut world = stage();
    run(&mut world, push(1, MODE)).unwrap();
    refused(&mut world, 1, token(120));
    // The front end's own token, and a hint that is known by its id alone.
    refused(&mut world, 1, token(101));
    run(&mut world, hint(1, 120)).unwrap();
    refused(&mut world, 1, Credential { hash: Digest([0; 32]), ..token(120) });

    run(&mut world, hint(2, 121)).unwrap();
    let by_phone = Principal::Device(phone(1));
    world.run(&by_phone, phone(2), &device::Command::Revoke.into()).unwrap();
    refused(&mut world, 1, token(121));
    assert_eq!(run(&mut world, hint(2, 122)), Err(Rejection::DeviceRevoked));
    world.run(&by_phone, vault_id(), &vault::Command::Delete.into()).unwrap();
    refused(&mut world, 1, token(120));
    assert_eq!(run(&mut world, hint(1, 123)), Err(Rejection::VaultGone));
}

#[test]
fn a_device_has_four_live_hints() {
    let mut world = stage();
    for number in 120..124 {
        run(&mut world, hint(1, number)).unwrap();
        world.pass(Duration::from_secs(1));
    }
    assert_eq!(run(&mut world, hint(1, 124)), Err(Rejection::LimitReached));
    run(&mut world, hint(2, 130)).unwrap();
    // A used one leaves its place at once, an old one when its time is over.
    run(&mut world, push(1, MODE)).unwrap();
    run(&mut world, open_hinted(1, token(121))).unwrap();
    run(&mut world, hint(1, 124)).unwrap();
    assert_eq!(run(&mut world, hint(1, 125)), Err(Rejection::LimitReached));
    world.pass(HINT_LIFE - Duration::from_secs(4));
    run(&mut world, hint(1, 125)).unwrap();
    assert_eq!(run(&mut world, hint(1, 126)), Err(Rejection::LimitReached));
    let places =
        world.rows.keys().filter(|(id, row)| *id == phone(1) && matches!(row, Row::DeviceHint(_)));
    assert_eq!(places.count(), 4);
}

#[test]
fn hints_are_the_devices_own_and_for_front_ends_alone() {
    let mut world = stage();
    let (_, id, command) = hint(1, 120);
    let strangers =
        [Principal::Device(phone(2)), Principal::FrontEnd(kiosk()), Principal::Institution(bank())];
    for stranger in strangers {
        let got = world.run(&stranger, id, &command);
        assert_eq!(got, Err(Rejection::NotFound), "{stranger:?}");
    }
    run(&mut world, hint(1, 120)).unwrap();
    run(&mut world, push(1, ResponseMode::Query)).unwrap();
    let (_, id, command): (_, Id, Command) = open_hinted(1, token(120));
    let same_device = world.run(&Principal::Anyone, id, &command);
    assert_eq!(same_device, Err(Rejection::WrongResponseMode));
}

//! Scenes at the counter: a request that is pushed for one front end, and asking for one.

use super::cast::*;
use super::world::World;
use std::time::Duration;
use symbolon_domain::entity::notice::Body;
use symbolon_domain::entity::session::{EndReason, ResponseMode, SessionStage};
use symbolon_domain::entity::{Command, Reply, front_end, session};
use symbolon_domain::port::Principal;
use symbolon_domain::{Id, Kind, Rejection};

pub(crate) fn run(world: &mut World, what: (Principal, Id, Command)) -> Result<Reply, Rejection> {
    world.run(&what.0, what.1, &what.2)
}

/// Another front end of the bank, enrolled.
pub(crate) fn till(world: &mut World) -> Id {
    let till = World::id(Kind::FrontEnd, 2);
    world.run(&Principal::Institution(bank()), till, &register()).unwrap();
    world.run(&Principal::Anyone, till, &enrol(104)).unwrap();
    till
}

/// What somebody was told last of a session.
fn told(world: &World, to: Id) -> Option<(SessionStage, Option<EndReason>)> {
    let notices = world.notices.iter().rev().filter(|notice| notice.to == to);
    notices.into_iter().find_map(|notice| match &notice.body {
        Body::Session { stage, end, .. } => Some((*stage, *end)),
        _ => None,
    })
}

#[test]
fn a_request_for_one_front_end_is_its_alone() {
    let mut world = stage();
    let till = till(&mut world);
    run(&mut world, push_for(1, ResponseMode::Session, kiosk())).unwrap();
    assert_eq!(told(&world, kiosk()), Some((SessionStage::Pushed, None)), "it is told at once");
    assert_eq!(told(&world, bank()), None);

    let look = |world: &mut World, front_end: Id| {
        world.run(&Principal::FrontEnd(front_end), session_id(1), &session::Command::Look.into())
    };
    assert!(look(&mut world, kiosk()).is_ok());
    assert_eq!(look(&mut world, till), Err(Rejection::NotFound));
    assert_eq!(run(&mut world, open_own(1, till)), Err(Rejection::NotFound));
    // Not even with the reference.
    let (_, id, command) = open(1, true);
    let with_reference = world.run(&Principal::FrontEnd(till), id, &command);
    assert_eq!(with_reference, Err(Rejection::NotFound));
    let cancel = session::Command::Cancel.into();
    let foreign = world.run(&Principal::FrontEnd(till), session_id(1), &cancel);
    assert_eq!(foreign, Err(Rejection::NotFound));

    run(&mut world, open_own(1, kiosk())).unwrap();
    assert_eq!(told(&world, kiosk()), Some((SessionStage::Open, None)));
    assert_eq!(run(&mut world, open_own(1, kiosk())), Err(Rejection::WrongState));
    run(&mut world, claim(1, 1)).unwrap();
    run(&mut world, confirm(1, 42)).unwrap();
}

#[test]
fn the_front_end_itself_can_bring_the_reference_or_decline() {
    let mut world = stage();
    run(&mut world, push_for(1, ResponseMode::Scan, kiosk())).unwrap();
    run(&mut world, open(1, true)).unwrap();
    run(&mut world, push_for(2, ResponseMode::Scan, kiosk())).unwrap();
    let by_kiosk = Principal::FrontEnd(kiosk());
    world.run(&by_kiosk, session_id(2), &session::Command::Cancel.into()).unwrap();
    let ended = Some((SessionStage::Ended, Some(EndReason::Cancelled)));
    assert_eq!((told(&world, kiosk()), told(&world, bank())), (ended, ended));
}

#[test]
fn a_request_for_nobody_needs_its_reference() {
    let mut world = stage();
    run(&mut world, push(1, ResponseMode::Scan)).unwrap();
    assert_eq!(run(&mut world, open_own(1, kiosk())), Err(Rejection::NotFound));
    run(&mut world, push(2, ResponseMode::Query)).unwrap();
    let (_, id, command) = open_own(2, kiosk());
    assert_eq!(world.run(&Principal::Anyone, id, &command), Err(Rejection::NotFound));
}

#[test]
fn one_that_is_not_opened_ends_and_both_are_told() {
    let mut world = stage();
    run(&mut world, push_for(1, ResponseMode::Session, kiosk())).unwrap();
    world.pass(Duration::from_secs(90));
    assert_eq!(run(&mut world, open_own(1, kiosk())), Err(Rejection::SessionExpired));
    world.sweep();
    let expired = Some((SessionStage::Ended, Some(EndReason::Expired)));
    assert_eq!((told(&world, kiosk()), told(&world, bank())), (expired, expired));
}

#[test]
fn only_an_enrolled_front_end_of_the_institution_can_be_named() {
    let mut world = stage();
    let refused = |world: &mut World, mode, front_end| {
        let pushed = run(world, push_for(1, mode, front_end));
        assert_eq!(pushed, Err(Rejection::InvalidRequest), "{front_end}");
    };
    refused(&mut world, ResponseMode::Query, kiosk());
    refused(&mut world, ResponseMode::Session, World::id(Kind::FrontEnd, 9));
    let till = till(&mut world);
    let remove = front_end::Command::Remove.into();
    world.run(&Principal::Institution(bank()), till, &remove).unwrap();
    refused(&mut world, ResponseMode::Session, till);
    // Enrolled, and another's.
    let theirs = another_front_end(&mut world);
    refused(&mut world, ResponseMode::Session, theirs);
}

#[test]
fn asking_tells_the_institution_and_cannot_flood_it() {
    let mut world = stage();
    let ask = |world: &mut World, by: Principal| {
        world.run(&by, kiosk(), &front_end::Command::Ask.into()).map(drop)
    };
    let asks = |world: &World| {
        let asked = Body::Asked { front_end: kiosk() };
        world.notices.iter().filter(|notice| notice.to == bank() && notice.body == asked).count()
    };
    let till = till(&mut world);
    for stranger in
        [Principal::FrontEnd(till), Principal::Institution(bank()), Principal::Device(phone(1))]
    {
        assert_eq!(ask(&mut world, stranger.clone()), Err(Rejection::NotFound), "{stranger:?}");
    }
    assert_eq!(ask(&mut world, Principal::FrontEnd(kiosk())), Ok(()));
    for _ in 0..20 {
        let again = ask(&mut world, Principal::FrontEnd(kiosk()));
        assert_eq!(again, Err(Rejection::AskedTooSoon));
        world.pass(Duration::from_millis(99));
    }
    assert_eq!(asks(&world), 1);
    world.pass(Duration::from_millis(20));
    assert_eq!(ask(&mut world, Principal::FrontEnd(kiosk())), Ok(()));
    // Another one has its own measure.
    let other = world.run(&Principal::FrontEnd(till), till, &front_end::Command::Ask.into());
    assert!(other.is_ok());
    // A clock set back silences nobody.
    world.now.0 -= 3_600_000;
    assert_eq!(ask(&mut world, Principal::FrontEnd(kiosk())), Ok(()));
    assert_eq!(asks(&world), 3);
    let remove = front_end::Command::Remove.into();
    world.run(&Principal::Institution(bank()), kiosk(), &remove).unwrap();
    world.pass(Duration::from_secs(9));
    assert_eq!(ask(&mut world, Principal::FrontEnd(kiosk())), Err(Rejection::WrongState));
}

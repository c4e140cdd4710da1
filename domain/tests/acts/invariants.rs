//! Any sequence of commands keeps what must always hold.

use super::cast::*;
use super::world::World;
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::time::Duration;
use symbolon_domain::bytes::Digest;
use symbolon_domain::entity::grant::{Grant, GrantState};
use symbolon_domain::entity::session::{ResponseMode, Session, SessionStage};
use symbolon_domain::entity::{Command, Event, FromHead, Head, Reply, token};
use symbolon_domain::key::Row;
use symbolon_domain::log::Leaf;
use symbolon_domain::{Id, Kind, record};

#[derive(Clone, Debug)]
enum Step {
    Push(u8, u8),
    Open(u8, bool),
    Claim(u8, u8),
    Confirm(u8, bool),
    Deny(u8, u8),
    Approve(u8, u8, u8),
    Deliver,
    Redeem(u8, bool),
    Refresh(u8, u8),
    Read(u8, u8, u8),
    Move(u8, u8, u8),
    RevokeDevice(u8),
    Pass(u16),
    Sweep,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let number = 1_u8..4;
    let device = 1_u8..3;
    let step = prop_oneof![
        3 => (number.clone(), 0_u8..3).prop_map(|(n, m)| Step::Push(n, m)),
        3 => (number.clone(), any::<bool>()).prop_map(|(n, f)| Step::Open(n, f)),
        3 => (number.clone(), device.clone()).prop_map(|(n, d)| Step::Claim(n, d)),
        3 => (number.clone(), prop::bool::weighted(0.8)).prop_map(|(n, r)| Step::Confirm(n, r)),
        1 => (number.clone(), device.clone()).prop_map(|(n, d)| Step::Deny(n, d)),
        4 => (number.clone(), device.clone(), 0_u8..3)
            .prop_map(|(n, d, m)| Step::Approve(n, d, m)),
        3 => Just(Step::Deliver),
        4 => (number.clone(), prop::bool::weighted(0.8)).prop_map(|(n, r)| Step::Redeem(n, r)),
        3 => (number.clone(), 0_u8..4).prop_map(|(n, a)| Step::Refresh(n, a)),
        5 => (number.clone(), 0_u8..4, 0_u8..4).prop_map(|(n, a, r)| Step::Read(n, a, r)),
        2 => (number, device.clone(), 0_u8..3).prop_map(|(n, d, t)| Step::Move(n, d, t)),
        1 => device.prop_map(Step::RevokeDevice),
        3 => (0_u16..400).prop_map(Step::Pass),
        2 => Just(Step::Sweep),
    ];
    prop::collection::vec(step, 1..80)
}

fn mode(number: u8) -> ResponseMode {
    [ResponseMode::Session, ResponseMode::Scan, ResponseMode::Query][usize::from(number % 3)]
}

fn play(world: &mut World, step: &Step) {
    let what = match *step {
        Step::Push(number, m) => push(number, mode(m)),
        Step::Open(number, front_end) => open(number, front_end),
        Step::Claim(number, device) => claim(number, device),
        Step::Confirm(number, right) => confirm(number, if right { 42 } else { 7 }),
        Step::Deny(number, device) => {
            let (principal, id, _) = claim(number, device);
            (principal, id, symbolon_domain::entity::session::Command::Deny.into())
        }
        Step::Approve(number, device, m) => approve(number, device, mode(m), 3, world.now),
        Step::Deliver => return world.deliver(),
        Step::Redeem(number, right) => redeem(number, right),
        Step::Refresh(number, access) => refresh(number, 110 + number * 10 + access),
        Step::Read(number, access, id) => {
            let access = if access == 3 { 50 + number } else { 110 + number * 10 + access };
            read(number, access, id)
        }
        Step::Move(number, device, to) => {
            let states = [GrantState::Active, GrantState::Paused, GrantState::Revoked];
            move_grant(number, device, states[usize::from(to)])
        }
        Step::RevokeDevice(device) => {
            let (principal, ..) = claim(1, device);
            let command = symbolon_domain::entity::device::Command::Revoke;
            (principal, phone(2), command.into())
        }
        Step::Pass(seconds) => return world.pass(Duration::from_secs(u64::from(seconds))),
        Step::Sweep => return world.sweep(),
    };
    let reply = world.run(&what.0, what.1, &what.2);
    if let (Command::Grant(_), Ok(Reply::Read(reply))) = (&what.2, reply) {
        let grant: &Grant = get(world, what.1).unwrap();
        for item in reply.items.iter().filter(|item| item.status.has_value()) {
            assert_eq!(grant.state_at(world.now), GrantState::Active, "lent without a live grant");
            assert!(["item_1", "item_2"].contains(&item.path.as_str()), "lent more than ticked");
        }
    }
}

fn get<T: FromHead>(world: &World, id: Id) -> Option<&T> {
    T::from_head(&world.heads.get(&id)?.head)
}

fn check(world: &World) {
    // Replayed events give the live state.
    for (id, events) in &world.history {
        let replayed = events.iter().fold(None, Head::evolve);
        assert_eq!(replayed.as_ref(), world.heads.get(id).map(|stored| &stored.head), "{id}");
        let redeemed = events
            .iter()
            .filter(|event| matches!(event, Event::Token(token::Event::Used { .. })))
            .count();
        assert!(redeemed <= 1, "{id} was redeemed {redeemed} times");
    }
    for number in 1..4 {
        if let Some(grant) = get::<Grant>(world, grant_id(number)) {
            check_grant(world, grant_id(number), grant);
        }
    }
    // A front end's places are those of its running sessions.
    let mut held: BTreeMap<u16, Id> = BTreeMap::new();
    for (id, stored) in &world.heads {
        if let Some(session) = Session::from_head(&stored.head) {
            let running = session.stage != SessionStage::Ended;
            if let (true, Some(slot)) = (running, session.slot) {
                assert_eq!(held.insert(slot, *id), None, "two sessions in place {slot}");
            }
        }
    }
    let slots = world.rows.iter().filter(|((id, _), _)| id.kind == Kind::FrontEnd);
    assert_eq!(slots.count(), held.len());
}

fn check_grant(world: &World, id: Id, grant: &Grant) {
    let count = |wanted: fn(&Row) -> bool| {
        world.rows.keys().filter(|(owner, row)| *owner == id && wanted(row)).count()
    };
    let reads = count(|row| matches!(row, Row::GrantRead(_)));
    assert_eq!(reads, grant.uses as usize, "a use without its read or the other way");
    assert!(grant.uses <= grant.terms.frequency.uses_max);
    if matches!(grant.state, GrantState::Revoked | GrantState::Expired) {
        let wraps = count(|row| matches!(row, Row::GrantWrap(_) | Row::GrantItemWrap(_)));
        assert_eq!(wraps, 0, "a wrap outlived its grant");
    }
    let mut previous = Digest([0; 32]);
    for sequence in 0..grant.records {
        let row = &world.rows[&(id, Row::GrantRecord(sequence))];
        let leaf: Leaf = record::decode(row).unwrap();
        assert_eq!(leaf.hash, Digest::lp("leaf", &[&leaf.salt, &leaf.record]));
        let read = symbolon_domain::log::Record::from_bytes(&leaf.record).unwrap();
        assert_eq!((read.previous, read.sequence), (previous, sequence), "the chain is broken");
        previous = leaf.hash;
    }
    assert_eq!(previous, grant.chain);
}

// 400 cases unless `PROPTEST_CASES` asks for more or fewer than its usual 256.
fn cases() -> ProptestConfig {
    let usual = ProptestConfig::default();
    ProptestConfig { cases: usual.cases * 400 / 256, ..usual }
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn hold(steps in steps()) {
        let mut world = stage();
        for step in &steps {
            play(&mut world, step);
            check(&world);
        }
    }

    // The same with a consent behind it, so that the later acts are reached often.
    #[test]
    fn hold_after_a_consent(steps in steps()) {
        let mut world = stage();
        consent(&mut world, 1, 3).unwrap();
        for step in &steps {
            play(&mut world, step);
            check(&world);
        }
    }
}

//! The authenticator's counter: one that counts goes on counting.

use super::cast::*;
use super::world::World;
use symbolon_domain::Rejection;
use symbolon_domain::bytes::Digest;
use symbolon_domain::entity::Reply;
use symbolon_domain::entity::device::{Command, SignCount};
use symbolon_domain::key::Row;
use symbolon_domain::port::Principal;

fn seen(count: u32, document: u8) -> SignCount {
    SignCount { count, document: Digest([document; 32]) }
}

fn count(world: &mut World, device: u8, seen: SignCount) -> Result<Reply, Rejection> {
    world.run(&Principal::System, phone(device), &Command::Count(seen).into())
}

#[test]
fn one_that_never_counts_is_never_asked_to() {
    let mut world = stage();
    for document in 1..4 {
        assert_eq!(count(&mut world, 1, seen(0, document)), Ok(Reply::Done));
    }
    assert!(!world.rows.contains_key(&(phone(1), Row::DeviceSignCount)));
}

#[test]
fn one_that_counts_goes_on() {
    let mut world = stage();
    let copied = Err(Rejection::AuthenticatorCopied);
    for (count_to, document) in [(1, 1), (2, 2), (9, 3)] {
        assert_eq!(count(&mut world, 1, seen(count_to, document)), Ok(Reply::Done));
    }
    assert_eq!(count(&mut world, 1, seen(9, 3)), Ok(Reply::Done), "the same sent again");
    assert_eq!(count(&mut world, 1, seen(9, 4)), copied, "it stood still");
    assert_eq!(count(&mut world, 1, seen(8, 5)), copied);
    assert_eq!(count(&mut world, 1, seen(0, 6)), copied, "it forgot how");
    assert_eq!(count(&mut world, 1, seen(10, 7)), Ok(Reply::Done), "the right one goes on");
    assert_eq!(count(&mut world, 1, seen(u32::MAX, 8)), Ok(Reply::Done));
}

#[test]
fn the_first_is_that_of_the_registration() {
    // The second phone has registered with 1.
    let mut world = stage();
    for wrong in [0, 1] {
        let told = count(&mut world, 2, seen(wrong, 1));
        assert_eq!(told, Err(Rejection::AuthenticatorCopied), "{wrong}");
    }
    assert_eq!(count(&mut world, 2, seen(2, 1)), Ok(Reply::Done));
}

#[test]
fn only_the_node_says_so() {
    let mut world = stage();
    for principal in [Principal::Anyone, Principal::Device(phone(1)), Principal::Device(phone(2))] {
        let command = Command::Count(seen(7, 1)).into();
        assert_eq!(world.run(&principal, phone(1), &command), Err(Rejection::NotFound));
    }
}

#[test]
fn the_row() {
    let row = seen(7, 9).to_row();
    assert_eq!((row.len(), &row[..8]), (40, &[0, 0, 0, 0, 0, 0, 0, 7][..]));
    assert_eq!(SignCount::from_row(&row), Some(seen(7, 9)));
    for wrong in [&row[..39], &[&row[..], &[0]].concat(), &[&[1], &row[1..]].concat()] {
        assert_eq!(SignCount::from_row(wrong), None);
    }
}

//! What the batch of one act holds: everything that it rests on, changes and tells.

use crate::bench::Bench;
use crate::fixtures::{
    START, call, code, code_id, device_id, id, institution_id, offer_id, redeem, world,
};
use std::collections::BTreeSet;
use symbolon_actors::shell::{Hint, Input, Output};
use symbolon_domain::Kind;
use symbolon_domain::entity::token;
use symbolon_domain::key::{self, Row};
use symbolon_domain::port::{Operation, Precondition, Principal};

#[test]
fn a_redemption_pins_everything_and_tells_those_it_changes() {
    let mut world = world();
    for operation in code() {
        let Operation::Put { key, value } = operation else { panic!("{operation:?}") };
        world.map.insert(key, value);
    }
    let (grant, new) = (id(Kind::Grant, 1), redeem(7));
    let tokens = [new.access.credential.id, new.refresh.credential.id];
    let revision = |id| Precondition::RevisionIs {
        key: key::head(id),
        revision: world.head(id).unwrap().revision,
    };
    let relied = [code_id(), grant, id(Kind::Vault, 1), device_id(1), institution_id(), offer_id()];
    let expected = relied.map(revision).into_iter();
    let expected = expected.chain(tokens.map(|id| Precondition::Absent { key: key::head(id) }));
    let expected: Vec<Precondition> = expected.collect();
    let mut bench = Bench::of(code_id(), 4, world);
    let command = token::Command::Redeem(Box::new(new));
    bench.ask(1, call(1, Principal::Institution(institution_id()), code_id(), command));
    let batch = bench.commits[0].clone();
    let missing = |wanted: &&Precondition| !batch.preconditions.contains(wanted);
    assert_eq!(expected.iter().filter(missing).count(), 0, "{:?}", batch.preconditions);
    let dropped = Operation::Delete { key: key::row(grant, &Row::GrantWrap(code_id())) };
    assert!(batch.operations.contains(&dropped), "the half opens nothing any more");
    bench.world.commit(&batch).unwrap();
    let outputs = bench.shell.handle(START, Input::Committed);
    let told: BTreeSet<_> = outputs
        .iter()
        .filter_map(|output| match output {
            Output::Hint(Hint::Forget(id)) => Some(*id),
            _ => None,
        })
        .collect();
    assert!(told.is_superset(&tokens.into()), "{told:?}");
    assert!(!told.contains(&code_id()), "who led knows");
    let answer = outputs.iter().position(|output| matches!(output, Output::Reply(1, Ok(Ok(_)))));
    let hint = outputs.iter().rposition(|output| matches!(output, Output::Hint(_)));
    assert!(hint < answer, "who was answered asks the next entity after it was told");
}

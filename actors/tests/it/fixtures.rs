//! Calls and entities that the tests share.

use super::world::World;
use std::collections::VecDeque;
use std::time::Duration;
use symbolon_actors::shell::{Input, Output, Shell};
use symbolon_domain::act::redeem::{NewToken, Redeem};
use symbolon_domain::bytes::Digest;
use symbolon_domain::crypto::P256Public;
use symbolon_domain::entity::grant::{
    Authentication, Delivery, Frequency, Grant, GrantState, GrantWrap, Terms,
};
use symbolon_domain::entity::session::{Request, ResponseMode};
use symbolon_domain::entity::token::{
    Binding, CODE_LIFE, CodeTerms, Credential, Token, TokenClass,
};
use symbolon_domain::entity::{
    Command, Head, Stored, device, front_end, institution, offer, session, vault,
};
use symbolon_domain::port::{Call, Operation, Outcome, Principal, Verdict};
use symbolon_domain::{Id, Kind, Timestamp, key};

pub(crate) const START: Timestamp = Timestamp(1_700_000_000_000);

pub(crate) fn id(kind: Kind, number: u8) -> Id {
    Id::new(kind, "eu1".parse().unwrap(), [number; 16])
}

pub(crate) fn institution_id() -> Id {
    id(Kind::Institution, 1)
}

pub(crate) fn offer_id() -> Id {
    id(Kind::Offer, 1)
}

pub(crate) fn front_end_id(number: u8) -> Id {
    id(Kind::FrontEnd, number)
}

pub(crate) fn device_id(number: u8) -> Id {
    id(Kind::Device, number)
}

/// A call with the seed that its number gives.
pub(crate) fn call(
    number: u64,
    principal: Principal,
    target: Id,
    command: impl Into<Command>,
) -> Call {
    Call {
        principal,
        deadline: Timestamp(u64::MAX),
        request_id: [0; 16],
        seed: Digest::of(&number.to_be_bytes()).0,
        trace: None,
        target,
        command: command.into(),
        keep: None,
    }
}

pub(crate) fn describe(dns_name: &str) -> institution::Command {
    institution::Command::Describe {
        description: Box::new(institution::Description {
            name: "Bank".into(),
            dns_name: dns_name.into(),
            signing_key: P256Public([1; 64]),
            hpke_key: [2; 32],
            hpke_kid: "k".into(),
            redirect_uris: Vec::new(),
            webhook: None,
            document_hash: Digest::of(dns_name.as_bytes()),
        }),
        document: b"document".to_vec(),
        signed_by: P256Public([1; 64]),
    }
}

pub(crate) fn push() -> session::Command {
    session::Command::Push {
        request: Box::new(request()),
        document: b"request".to_vec(),
        reference_hash: Digest([4; 32]),
    }
}

fn request() -> Request {
    Request {
        offer: offer_id(),
        offer_hash: Digest([1; 32]),
        response_mode: ResponseMode::Session,
        redirect_uri: None,
        state: None,
        challenge: Digest([2; 32]),
        hash: Digest([3; 32]),
        front_end: None,
    }
}

pub(crate) fn open() -> session::Command {
    session::Command::Open {
        reference_hash: Some(Digest([4; 32])),
        hint: None,
        statement: b"statement".to_vec(),
        statement_hash: Digest([5; 32]),
    }
}

/// What makes an approved institution with an approved offer, two front ends with one
/// place each, and a vault with three devices.
pub(crate) fn setup() -> Vec<Call> {
    let operator = Principal::Operator("op".into());
    let bank = Principal::Institution(institution_id());
    let mut calls = vec![
        (Principal::Anyone, institution_id(), describe("bank.example").into()),
        (
            operator.clone(),
            institution_id(),
            institution::Command::Judge(institution::InstitutionState::Approved).into(),
        ),
        (
            bank.clone(),
            offer_id(),
            offer::Command::Propose {
                hash: Digest([1; 32]),
                document: b"offer".to_vec(),
                title: "Offer".into(),
                expires: None,
            }
            .into(),
        ),
        (operator, offer_id(), offer::Command::Judge(offer::OfferState::Approved).into()),
    ];
    for number in 1..=2 {
        let register = front_end::Command::Register {
            name: "Till".into(),
            place: "Hall".into(),
            sessions_max: 1,
            code_hash: Digest([number; 32]),
        };
        let enrol = front_end::Command::Enrol {
            code_hash: Digest([number; 32]),
            jkt: Digest([number; 32]),
            token: credential(100 + number),
        };
        calls.push((bank.clone(), front_end_id(number), register.into()));
        calls.push((Principal::Anyone, front_end_id(number), enrol.into()));
    }
    let create = vault::Command::Create {
        device: device_id(1),
        registration: Box::new(registration(1)),
        token: credential(111),
        recovery: None,
        empty_root: Digest([0; 32]),
    };
    calls.push((Principal::Anyone, id(Kind::Vault, 1), create.into()));
    for number in 2..=3 {
        let enrol = device::Command::Enrol {
            voucher: device::Voucher::Device(device_id(1)),
            registration: Box::new(registration(number)),
            token: credential(110 + number),
        };
        calls.push((Principal::Device(device_id(1)), device_id(number), enrol.into()));
    }
    calls
        .into_iter()
        .zip(1_000_000..)
        .map(|((principal, target, command), number): ((_, _, Command), u64)| {
            call(number, principal, target, command)
        })
        .collect()
}

fn credential(number: u8) -> Credential {
    Credential { id: id(Kind::Token, number), hash: Digest([number; 32]) }
}

fn registration(number: u8) -> device::Registration {
    device::Registration {
        name: "Phone".into(),
        signing_key: P256Public([number; 64]),
        jkt: Digest([number; 32]),
        hpke_key: [number; 32],
        authenticator: device::Authenticator {
            credential_id: vec![number],
            credential_key: P256Public([number; 64]),
            rp_id: "localhost".into(),
            origin: "https://localhost".into(),
            amr: vec!["swk".into()],
            sign_count: 0,
        },
    }
}

pub(crate) fn code_id() -> Id {
    id(Kind::Token, 200)
}

/// What puts a live grant and its code into a store in which [`setup`] has happened.
pub(crate) fn code() -> Vec<Operation> {
    let grant_id = id(Kind::Grant, 1);
    let expires = START.after(Duration::from_secs(3_600));
    let grant = Grant {
        vault: id(Kind::Vault, 1),
        device: device_id(1),
        institution: institution_id(),
        offer: offer_id(),
        session: id(Kind::Session, 1),
        state: GrantState::Active,
        terms: Terms {
            purpose: "dpv:ServiceProvision".into(),
            frequency: Frequency { uses_max: 10, period_seconds: None },
            data_life_seconds: None,
            delivery: Delivery::Institution,
            covers_future: false,
            expires,
        },
        selection_hash: Digest([1; 32]),
        statement_hash: Digest([1; 32]),
        items: 1,
        uses: 0,
        period: (0, 0),
        last_use: None,
        records: 1,
        chain: Digest([0; 32]),
        authentication: Authentication { amr: Vec::new(), acr: "1".into(), auth_time: START },
        created: START,
    };
    let credential = Credential { id: code_id(), hash: Digest([200; 32]) };
    let binding = Binding::Client(institution_id());
    let issued = Token::issue(
        &credential,
        TokenClass::Code,
        institution_id(),
        binding,
        START,
        START.after(CODE_LIFE),
    );
    let token = Token {
        grant: Some(grant_id),
        code: Some(CodeTerms {
            session: id(Kind::Session, 1),
            challenge: Digest([2; 32]),
            redirect_uri: None,
            response_mode: ResponseMode::Session,
        }),
        ..issued
    };
    let heads = [(grant_id, Head::Grant(grant)), (code_id(), Head::Token(token))];
    heads
        .into_iter()
        .map(|(id, head)| (key::head(id), Stored { revision: 1, head }.encode().unwrap()))
        .chain([(key::row(grant_id, &key::Row::GrantWrap(code_id())), vec![1])])
        .map(|(key, value)| Operation::Put { key, value })
        .collect()
}

/// A redemption of the code, with tokens of its own.
pub(crate) fn redeem(number: u8) -> Redeem {
    let new = |first: u8| {
        let id = Id::new(
            Kind::Token,
            "eu1".parse().unwrap(),
            [[first; 8], [number; 8]].concat().try_into().unwrap(),
        );
        let wrap = GrantWrap { wrapped: vec![number] };
        NewToken { credential: Credential { id, hash: Digest([number; 32]) }, wrap }
    };
    Redeem {
        hash: Digest([200; 32]),
        challenge: Digest([2; 32]),
        redirect_uri: None,
        certificate: Digest([3; 32]),
        half_fits: true,
        access: new(1),
        refresh: new(2),
        verdict: Verdict::Permit,
    }
}

/// Runs one call alone, with a shell of its own.
pub(crate) fn run_alone(world: &mut World, now: Timestamp, call: Call) -> Outcome {
    let mut shell = Shell::new(call.target, 8);
    let mut inputs = VecDeque::from([Input::Command(Box::new(call), ())]);
    while let Some(input) = inputs.pop_front() {
        for output in shell.handle(now, input) {
            match output {
                Output::Load(load) => {
                    inputs.push_back(Input::Loaded(load.number, Ok(world.load(&load))));
                }
                Output::Commit(batch) => inputs.push_back(match world.commit(&batch) {
                    Ok(()) => Input::Committed,
                    Err(precondition) => Input::Refused(precondition),
                }),
                Output::Reply((), outcome) => return outcome,
                _ => {}
            }
        }
    }
    panic!("no answer")
}

/// A world in which [`setup`] has happened.
pub(crate) fn world() -> World {
    let mut world = World::default();
    for call in setup() {
        let outcome = run_alone(&mut world, START, call);
        assert!(matches!(outcome, Ok(Ok(_))), "{outcome:?}");
    }
    world
}

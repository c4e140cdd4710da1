//! An approval: signature, confirmation, wraps, session, offer and rules.

use super::signing::{Wraps, authenticator, confirmed_by, signed, signing_key};
use super::stage::{
    ISSUER, Stage, TICKED, device, grant_id, party, rejected, session_id, vault_id,
};
use crate::fixtures::{START, device_id, id};
use symbolon_actors::prepare::RelyingParty;
use symbolon_domain::Kind;
use symbolon_domain::Rejection::{
    self, BadSignature, InvalidRequest, NotFound, PathNotInOffer, RuleDenied, SelectionMismatch,
    StepUpRequired, UserVerificationRequired,
};
use symbolon_domain::Timestamp;
use symbolon_domain::api::device::ApproveSession;
use symbolon_domain::bytes::Digest;
use symbolon_domain::crypto::RustCrypto;
use symbolon_domain::document::selection::{SelectedItem, Selection};
use symbolon_domain::entity::grant::Delivery;
use symbolon_domain::entity::{Command, grant, session};
use symbolon_domain::jws::{Typ, sign};
use symbolon_domain::key::{self, Row};
use symbolon_domain::oauth::authorization_details::ItemWish;
use symbolon_domain::port::{self, Principal, Queue, Range, Verdict};
use symbolon_domain::secret::Secret;

#[tokio::test]
async fn a_right_one_becomes_what_the_act_takes() {
    let mut stage = Stage::set();
    let approval = stage.approve(&stage.approval()).await.unwrap();
    assert_eq!(approval.grant, grant_id());
    let Command::Grant(grant::Command::Approve(approve)) = &approval.command else {
        panic!("{approval:?}")
    };
    let paths: Vec<&str> = approve.items.iter().map(|(item, _)| item.path.as_str()).collect();
    assert_eq!((paths, approve.refused), (TICKED.to_vec(), 1));
    let wraps: Vec<&Vec<u8>> = approve.items.iter().map(|(_, wrap)| wrap).collect();
    assert_eq!(wraps, stage.wraps().items.iter().collect::<Vec<_>>());
    assert_eq!(approve.authentication.amr, ["swk", "user"], "as registered");
    assert_eq!(approve.terms.expires, stage.selection().expires);
    assert_eq!(approval.count.document, approve.selection_hash);
    stage.approved().await;
    // What the act tells others goes with it.
    let count = |queue: Queue| {
        let range = Range::prefix(&queue.0);
        stage.world.map.range(range.start..range.end).count()
    };
    assert_eq!((count(key::log_queue()), count(key::outbox_queue())), (1, 1));
    assert_eq!(count(key::event_queue(vault_id())), 1);
}

#[tokio::test]
async fn another_signature_or_confirmation() {
    let stage = Stage::set();
    let right = stage.approval();
    let text = &right.selection;
    let signed_as = |typ, key| {
        let selection = Selection { wrap: wrap_of(&stage), ..stage.selection() };
        let selection = sign(&RustCrypto, &Secret::new([key; 32]), typ, None, &selection).unwrap();
        ApproveSession { selection, ..right.clone() }
    };
    assert_eq!(&signed_as(Typ::Selection, 10).selection, text);
    let mine = |assertion| ApproveSession { assertion, ..right.clone() };
    let other = stage.selection();
    let other =
        signed(Selection { expires: Timestamp(other.expires.0 - 1), ..other }, &stage.wraps());
    let elsewhere = authenticator(30, "https://evil.example");
    for (what, request, rejection) in [
        ("another key", signed_as(Typ::Selection, 11), BadSignature),
        ("another purpose", signed_as(Typ::Command, 10), InvalidRequest),
        ("the confirmation of another text", mine(other.assertion), UserVerificationRequired),
        (
            "another authenticator",
            mine(confirmed_by(&authenticator(31, "https://wallet.example"), text)),
            UserVerificationRequired,
        ),
        ("another page", mine(confirmed_by(&elsewhere, text)), UserVerificationRequired),
    ] {
        assert_eq!(rejected(stage.approve(&request).await), rejection, "{what}");
    }
    let prepare = stage.prepare().await;
    for (what, party, rejection) in [
        (
            "issuer",
            RelyingParty { issuer: "https://x.example".into(), ..party() },
            SelectionMismatch,
        ),
        ("party", RelyingParty { id: "x.example".into(), ..party() }, UserVerificationRequired),
        ("page", RelyingParty { origins: Vec::new(), ..party() }, UserVerificationRequired),
    ] {
        let outcome = prepare.approve(&party, device(), session_id(), &right).await;
        assert_eq!(rejected(outcome), rejection, "another {what}");
    }
}

fn wrap_of(stage: &Stage) -> Digest {
    let wraps = stage.wraps();
    let items: Vec<&[u8]> = wraps.items.iter().map(Vec::as_slice).collect();
    symbolon_domain::act::approve::wraps_hash(&wraps.code, wraps.half.as_deref(), &items)
}

#[tokio::test]
async fn other_wraps_than_those_that_were_signed() {
    let stage = Stage::set();
    type Change = fn(&mut ApproveSession);
    let table: &[(&str, Change)] = &[
        ("an item's", |request| request.wraps[1].0[0] ^= 1),
        ("swapped", |request| request.wraps.swap(0, 1)),
        ("one less", |request| drop(request.wraps.pop())),
        ("the code's", |request| request.code_wrap.0[0] ^= 1),
        ("another half", |request| request.sealed_half.as_mut().unwrap().0[0] ^= 1),
        ("no half", |request| request.sealed_half = None),
    ];
    for (what, change) in table {
        let mut request = stage.approval();
        change(&mut request);
        assert_eq!(rejected(stage.approve(&request).await), SelectionMismatch, "{what}");
    }
}

#[tokio::test]
async fn wraps_that_cannot_be_what_they_should() {
    let stage = Stage::set();
    type Change = fn(&mut Wraps);
    let table: &[(&str, Change, Option<Rejection>)] = &[
        ("fewer than items", |wraps| drop(wraps.items.pop()), Some(SelectionMismatch)),
        ("more", |wraps| wraps.items.push(vec![1]), Some(SelectionMismatch)),
        ("empty", |wraps| wraps.items[1].clear(), Some(InvalidRequest)),
        ("too long", |wraps| wraps.items[1] = vec![1; 257], Some(InvalidRequest)),
        ("just not too long", |wraps| wraps.items[1] = vec![1; 256], None),
        ("none of the code", |wraps| wraps.code.clear(), Some(InvalidRequest)),
        ("too long of the code", |wraps| wraps.code = vec![1; 257], Some(InvalidRequest)),
        ("just not", |wraps| wraps.code = vec![1; 256], None),
    ];
    for (what, change, rejection) in table {
        let mut wraps = stage.wraps();
        change(&mut wraps);
        let outcome = stage.approve(&signed(stage.selection(), &wraps)).await;
        match rejection {
            Some(rejection) => assert_eq!(rejected(outcome), *rejection, "{what}"),
            None => assert!(outcome.is_ok(), "{what}: {outcome:?}"),
        }
    }
}

#[tokio::test]
async fn a_selection_for_something_else() {
    let stage = Stage::set();
    type Change = fn(&mut Selection);
    let table: &[(&str, Change)] = &[
        ("cluster", |s| s.issuer = format!("{ISSUER}.evil")),
        ("institution", |s| s.client_id = id(Kind::Institution, 9)),
        ("session", |s| s.session = id(Kind::Session, 9)),
        ("request", |s| s.request = Digest([9; 32])),
        ("offer", |s| s.offer = Digest([9; 32])),
        ("vault", |s| s.vault = id(Kind::Vault, 1)),
        ("device", |s| s.device = device_id(1)),
        ("words", |s| s.statement = Digest([9; 32])),
        ("long ago", |s| s.issued = Timestamp(START.0 - 600_001)),
        ("item", |s| s.items[0].item = Digest([9; 32])),
        ("nothing of one", |s| drop(s.refused.pop())),
    ];
    for (what, change) in table {
        let mut selection = stage.selection();
        change(&mut selection);
        let outcome = stage.approve(&signed(selection, &stage.wraps())).await;
        assert_eq!(rejected(outcome), SelectionMismatch, "{what}");
    }
}

#[tokio::test]
async fn what_was_signed_is_what_the_vault_must_hold() {
    type Change = fn(&mut SelectedItem);
    let table: &[(&str, bool, Change)] = &[
        ("version", false, |item| item.version += 1),
        ("digest", false, |item| item.digest = Digest([9; 32])),
        ("epoch", true, |item| item.epoch = Some(9)),
    ];
    for (what, covers_future, change) in table {
        let mut stage = Stage::of(Delivery::Institution, *covers_future);
        let mut selection = stage.selection();
        change(&mut selection.items[0]);
        let approval = stage.approve(&signed(selection, &stage.wraps())).await.unwrap();
        let outcome = stage.run(Principal::Device(device()), approval.grant, approval.command);
        assert_eq!(outcome, Err(SelectionMismatch), "another {what}");
        stage.approved().await;
    }
}

#[tokio::test]
async fn only_what_was_wished_is_asked_for() {
    let mut stage = Stage::set();
    let wish = |path: &str| ItemWish { path: path.parse().unwrap() };
    stage.pushed.consent.items = Some(TICKED.into_iter().map(wish).collect());
    let row = Row::SessionRequest;
    let good = stage.world.map[&key::row(session_id(), &row)].clone();
    stage.put(session_id(), &row, stage.pushed.to_bytes());
    stage.pushed.consent.items = None;
    assert_eq!(rejected(stage.approve(&stage.approval()).await), PathNotInOffer);
    stage.put(session_id(), &row, good);
    assert!(stage.approve(&stage.approval()).await.is_ok());
}

#[tokio::test]
async fn only_the_device_that_claimed_it() {
    let stage = Stage::set();
    let prepare = stage.prepare().await;
    let request = stage.approval();
    let outcome = prepare.approve(&party(), device_id(1), session_id(), &request).await;
    assert_eq!(rejected(outcome), Rejection::SessionClaimed);
    let unknown = prepare.approve(&party(), device_id(8), session_id(), &request).await;
    assert_eq!(rejected(unknown), NotFound);
    let unknown = prepare.approve(&party(), device(), id(Kind::Session, 9), &request).await;
    assert_eq!(rejected(unknown), NotFound);
    // The key is that of the head that is stored, whatever the selection says.
    let mut selection = stage.selection();
    selection.device = device_id(1);
    let text = sign(&RustCrypto, &signing_key(), Typ::Selection, None, &selection).unwrap();
    let request = ApproveSession { selection: text, ..request };
    let outcome = prepare.approve(&party(), device(), session_id(), &request).await;
    assert_eq!(rejected(outcome), SelectionMismatch);
}

#[tokio::test]
async fn the_rules_are_asked_before_anything_is_lent() {
    use port::Stage::{Select, Show};
    let stage = Stage::set();
    let names = |paths: &[&str]| paths.iter().map(ToString::to_string).collect::<Vec<_>>();
    let all = names(&["person.email", "person.name", "person.phone"]);
    let deny = || Verdict::Deny("no".into());
    let step_up = || Verdict::StepUp("strong".into());
    let narrow = |paths: &[&str]| Verdict::Narrow(names(paths));
    for (at, verdict, rejection) in [
        (Show, deny(), Some(RuleDenied)),
        // Showing lends nothing; what is chosen is asked for again.
        (Show, step_up(), None),
        (Show, narrow(&["person.email", "person.name", "person.phone"]), None),
        // What must not be shown cannot have been answered.
        (Show, narrow(&TICKED), Some(PathNotInOffer)),
        (Select, deny(), Some(RuleDenied)),
        (Select, step_up(), Some(StepUpRequired)),
        (Select, narrow(&TICKED[..1]), Some(RuleDenied)),
        (Select, narrow(&TICKED), None),
    ] {
        let what = format!("{at:?} {verdict:?}");
        *stage.rule.says.lock().unwrap() = Some((at, verdict));
        let outcome = stage.approve(&stage.approval()).await;
        match rejection {
            Some(rejection) => assert_eq!(rejected(outcome), rejection, "{what}"),
            None => assert!(outcome.is_ok(), "{what}: {outcome:?}"),
        }
    }
    let asked = stage.rule.asked.lock().unwrap();
    assert!(asked.contains(&(Show, all)) && asked.contains(&(Select, names(&TICKED))));
}

#[tokio::test]
async fn the_offer_is_the_one_that_was_named() {
    let mut stage = Stage::set();
    let offer = stage.pushed.to_session_request(id(Kind::Offer, 1)).offer_hash;
    let offer_id = symbolon_domain::entity::offer::Offer::id(device().region, &offer);
    let row = Row::OfferDocument;
    // Signed by the same institution, with other words.
    let mut other = stage.offer.clone();
    other.grant_life_seconds += 1;
    let other = sign(&RustCrypto, &Secret::new([2; 32]), Typ::Offer, None, &other).unwrap();
    let good = stage.offer_text.clone().into_bytes();
    for (what, bytes, rejection) in [
        ("another", other.into_bytes(), SelectionMismatch),
        ("no text", vec![0xff], NotFound),
        ("no document", b"x".to_vec(), InvalidRequest),
    ] {
        stage.put(offer_id, &row, bytes);
        assert_eq!(rejected(stage.approve(&stage.approval()).await), rejection, "{what}");
    }
    stage.put(offer_id, &row, good);
    // A session whose request names a hash that is not its offer's.
    let prepare = stage.prepare().await;
    let mut head: session::Session = prepare.head(session_id()).await.unwrap();
    head.request.offer_hash = Digest([9; 32]);
    let outcome = prepare.offer_document(&head).await;
    assert_eq!(rejected(outcome), SelectionMismatch);

    let request = key::row(session_id(), &Row::SessionRequest);
    let document = stage.world.map.insert(request.clone(), b"{}".to_vec()).unwrap();
    assert_eq!(rejected(stage.approve(&stage.approval()).await), SelectionMismatch);
    stage.world.map.remove(&request);
    assert_eq!(rejected(stage.approve(&stage.approval()).await), NotFound);
    stage.world.map.insert(request, document);
    let item = stage.item_row(TICKED[0]);
    let approval = stage.approval();
    let item = (item.clone(), stage.world.map.remove(&item).unwrap());
    assert_eq!(rejected(stage.approve(&approval).await), SelectionMismatch, "no such item");
    stage.world.map.insert(item.0, item.1);
    let approval = stage.approve(&approval).await.unwrap();
    let outcome = stage.run(Principal::Device(device()), approval.grant, approval.command);
    assert!(outcome.is_ok(), "{outcome:?}");
}

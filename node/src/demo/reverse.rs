//! Started from the phone: the counter asks, the bank pushes a request for it, and alice's
//! phone shows the code with which the counter opens it.

use super::cast::Cast;
use super::exchange::{code_event, request, wait_for};
use super::teller::Teller;
use crate::cli::Failure;
use symbolon_client::http3::EventStream;
use symbolon_client::institution::{PushRequest, Pushed, granted};
use symbolon_domain::api::event::EventBody;
use symbolon_domain::api::front_end::OpenSession;
use symbolon_domain::entity::grant::Delivery;
use symbolon_domain::entity::session::{ResponseMode, SessionStage};

/// Shows it, and what must be refused of it.
pub(super) async fn run(cast: &mut Cast, teller: &mut Teller) -> Result<(), Failure> {
    teller.chapter("Consent, started from the phone");
    let mut at_bank = cast.bank.events(None).await?;
    let mut at_counter = cast.counter.events(None).await?;
    let pushed = pushed_on_asking(cast, teller, &mut at_bank, &mut at_counter).await?;

    let code = cast.alice.show_code().await?;
    let hint = symbolon_client::front_end::hint_of(code.link.expose())?;
    teller.step("alice", "shows a one-time code; the counter's scanner reads it");
    let opening = OpenSession::pushed(pushed.session).for_hint(hint.clone());
    let opened = cast.counter.open_session(&opening).await?;
    let invited = cast.alice.invitation(&code).await?;
    let link = invited.ok_or_else(|| Failure::new("no invitation came to alice's phone"))?;
    teller.demand(
        link.to_string() == opened.link && opened.session.invited,
        "alice",
        "was told of the session: the very one that the counter opened",
    );

    let asked = PushRequest { front_end: Some(cast.counter.state().id), ..consent(cast) };
    let second = cast.bank.push(&asked).await?;
    let again = OpenSession::pushed(second.session).for_hint(hint);
    let used = cast.counter.open_session(&again).await;
    teller.refused("a second session with the same code", used, &["invalid_hint"]);
    let other = cast.mallory.claim(link.session).await;
    teller.refused("that session claimed by mallory's phone", other, &["session_claimed"]);

    cast.alice.scan(&link).await?;
    let claimed = cast.alice.claim(link.session).await?;
    let early = cast.alice.asked(link.session).await;
    teller.refused("the offer before the number was typed", early, &["number_required"]);
    let number = claimed.number.unwrap_or_default();
    cast.counter.type_number(link.session, &number).await?;
    teller.step("counter", &format!("typed the number that alice's phone shows: {number}"));
    let asked = cast.alice.asked(link.session).await?;
    let ticked = cast.ticks(&asked);
    let answered = cast.alice.approve(&asked, &ticked).await?;
    let code = code_event(cast, answered.grant(), &mut at_bank).await?;
    let tokens = cast.bank.redeem(&code, &pushed.verifier, None).await?;
    let read = cast.bank.read(granted(&tokens)?, &tokens.access_token, &ticked).await?;
    let same = read.items.iter().all(|item| cast.is_as_stored(item));
    teller.demand(same, "bank", &format!("redeemed its code and read {} items", ticked.len()));
    Ok(())
}

fn consent(cast: &Cast) -> PushRequest {
    request(cast, ResponseMode::Session, Delivery::Institution)
}

// The counter has no request: it asks, and gets one that is for it alone.
async fn pushed_on_asking(
    cast: &Cast,
    teller: &mut Teller,
    at_bank: &mut EventStream,
    at_counter: &mut EventStream,
) -> Result<Pushed, Failure> {
    let counter = cast.counter.state().id;
    cast.counter.ask().await?;
    let asked = |body: &EventBody| match body {
        EventBody::Asked { front_end } => Some(*front_end),
        _ => None,
    };
    let front_end = wait_for(at_bank, asked).await?;
    teller.demand(front_end == counter, "bank", "was asked for a request by the counter");
    let again = cast.counter.ask().await;
    teller.refused("the counter asking again at once", again, &["asked_too_soon"]);
    let pushed = cast.bank.push(&PushRequest { front_end: Some(counter), ..consent(cast) }).await?;
    let session = pushed.session;
    let told = |body: &EventBody| match body {
        EventBody::Session { session: told, stage: SessionStage::Pushed, .. } => {
            (*told == session).then_some(())
        }
        _ => None,
    };
    wait_for(at_counter, told).await?;
    teller.step("counter", &format!("was told of {session}, pushed for it alone"));
    Ok(pushed)
}

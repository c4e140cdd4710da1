//! Pushing: an approved institution's request, for an offer that it may use, becomes a session;
//! if the request names a front end, that one is told.

use super::{Event, PUSHED_LIFE, Request, ResponseMode, Session, SessionStage};
use crate::bytes::Digest;
use crate::entity::front_end::FrontEnd;
use crate::entity::notice::{Body, Notice};
use crate::entity::{Decision, Facts, Reply, institution::Institution, offer::Offer};
use crate::{Id, Rejection};

/// Makes the session.
pub(super) fn push(
    id: Id,
    state: Option<&Session>,
    facts: &Facts<'_>,
    request: &Request,
    reference_hash: Digest,
    document: &[u8],
) -> Result<Decision, Rejection> {
    let institution = facts.principal.institution().ok_or(Rejection::Forbidden)?;
    let description = facts.head::<Institution>(institution)?.approved_description()?;
    facts.head::<Offer>(request.offer)?.usable_by(institution, facts.now)?;
    if state.is_some() {
        return Err(Rejection::AlreadyExists);
    }
    let registered = request
        .redirect_uri
        .as_ref()
        .is_none_or(|redirect_uri| description.redirect_uris.iter().any(|uri| uri == redirect_uri));
    let wanted = request.response_mode == ResponseMode::Query;
    if !registered || wanted != request.redirect_uri.is_some() {
        return Err(Rejection::InvalidRequest);
    }
    if let Some(front_end) = request.front_end {
        let head = facts.head::<FrontEnd>(front_end).map_err(|_| Rejection::InvalidRequest)?;
        let theirs = head.institution == institution && head.enrolled().is_ok();
        if !theirs || request.response_mode == ResponseMode::Query {
            return Err(Rejection::InvalidRequest);
        }
    }
    let session = Session {
        institution,
        request: request.clone(),
        reference_hash,
        stage: SessionStage::Pushed,
        front_end: None,
        slot: None,
        statement_hash: None,
        invited: None,
        claim: None,
        end: None,
        grant: None,
        created: facts.now,
        expires: facts.now.after(PUSHED_LIFE),
    };
    let pushed = Event::Pushed { session: Box::new(session.clone()), document: document.to_vec() };
    let told = request.front_end.map(|to| Notice {
        to,
        at: facts.now,
        body: Body::Session { session: id, stage: SessionStage::Pushed, end: None },
    });
    let mut decision = Decision::change(id, vec![pushed.into()]);
    decision.notices.extend(told);
    Ok(decision
        .relying_on([institution, request.offer])
        .relying_on(request.front_end)
        .replying(Ok(Reply::Session(Box::new(session)))))
}

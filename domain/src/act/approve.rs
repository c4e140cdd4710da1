//! Approve: the person's signed selection becomes a grant, a code, a log leaf and a word
//! to the session, in one batch at the vault's home. The new grant leads.

use crate::bytes::Digest;
use crate::entity::device::Device;
use crate::entity::grant::{
    self, Authentication, Grant, GrantState, GrantWrap, GrantedItem, Terms, pinned,
};
use crate::entity::institution::Institution;
use crate::entity::offer::Offer;
use crate::entity::session::{self, ResponseMode, Session, SessionStage};
use crate::entity::token::{self, Binding, CODE_LIFE, CodeTerms, Credential, Token, TokenClass};
use crate::entity::vault::{self, Approval, ItemVersion, Vault};
use crate::entity::{Change, Decision, Effect, Facts, Need, Reply, RowCondition};
use crate::key::Row;
use crate::log::Fact;
use crate::{Id, Rejection, Timestamp};
use serde::{Deserialize, Serialize};

/// Most items in a selection: as many as an offer can have.
pub const ITEMS_MAX: usize = 256;

/// What the node made of the approval: the selection is verified (signature, user
/// verification, offer, session statement), nothing in it is secret.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Approve {
    /// The session it answers.
    pub session: Id,
    /// The session's request, as its home told it.
    pub request: session::Request,
    /// SHA-256 of the session statement's payload.
    pub statement_hash: Digest,
    /// The institution that asks.
    pub institution: Id,
    /// The vault.
    pub vault: Id,
    /// The signed selection with its user verification, as received.
    pub selection: Vec<u8>,
    /// SHA-256 of the signed selection.
    pub selection_hash: Digest,
    /// What was agreed.
    pub terms: Terms,
    /// The ticked items, each with its secret wrapped under the grant key.
    pub items: Vec<(GrantedItem, Vec<u8>)>,
    /// How many items were refused.
    pub refused: u16,
    /// The code's first half.
    pub handle: String,
    /// The same as a credential.
    pub code: Credential,
    /// The grant key wrapped under a key from the code's second half.
    pub code_wrap: Vec<u8>,
    /// The second half sealed to the institution (`symbolon.session`).
    pub sealed_half: Option<Vec<u8>>,
    /// How the person was authenticated.
    pub authentication: Authentication,
}

/// The answer: no secret, so it can be repeated byte for byte.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Approved {
    /// The grant.
    pub grant: Id,
    /// The code's first half.
    pub handle: String,
    /// Until when the code is good.
    pub code_expires: Timestamp,
}

/// The `wrap` of a selection: the hash of everything that an approval carries beside it.
#[must_use]
pub fn wraps_hash(code_wrap: &[u8], sealed_half: Option<&[u8]>, wraps: &[&[u8]]) -> Digest {
    let fields = [code_wrap, sealed_half.unwrap_or_default()];
    let fields: Vec<&[u8]> = fields.into_iter().chain(wraps.iter().copied()).collect();
    Digest::lp("approval-wraps", &fields)
}

/// What [`decide`] looks at.
#[must_use]
pub fn needs(id: Id, facts: &Facts<'_>, command: &Approve) -> Vec<Need> {
    let heads = [
        facts.principal.device(),
        Some(command.vault),
        Some(command.institution),
        Some(command.request.offer),
        Some(command.code.id),
        // A session of another region is known by what its home told.
        (command.session.region == id.region).then_some(command.session),
    ];
    let items =
        command.items.iter().map(|(item, _)| Need::Row(command.vault, Row::VaultItem(item.item)));
    heads
        .into_iter()
        .flatten()
        .map(Need::Head)
        .chain([Need::Row(command.vault, Row::VaultApproval(command.session))])
        .chain(items)
        .collect()
}

/// Judges an approval.
///
/// # Errors
/// When device, vault, offer, institution or session do not allow it, or an item is not
/// the one that the vault holds.
pub fn decide(
    id: Id,
    state: Option<&Grant>,
    facts: &Facts<'_>,
    command: &Approve,
) -> Result<Decision, Rejection> {
    let device_id = facts.principal.device().ok_or(Rejection::Forbidden)?;
    let device = facts.head::<Device>(device_id)?;
    device.active()?;
    if device.vault != command.vault || id.region != command.vault.region {
        return Err(Rejection::Forbidden);
    }
    facts.head::<Vault>(command.vault)?.live()?;
    let approval_row = Row::VaultApproval(command.session);
    if let Some(approval) = facts.row_as::<Approval>(command.vault, &approval_row) {
        return repeated(id, command, &approval);
    }
    if state.is_some() {
        return Err(Rejection::AlreadyExists);
    }
    facts.head::<Institution>(command.institution)?.approved()?;
    facts.head::<Offer>(command.request.offer)?.usable_by(command.institution, facts.now)?;
    check_session(id, facts, command, device_id)?;
    check_items(facts, command)?;

    let grant = given(device_id, facts, command);
    let leaf = grant.record(
        id,
        facts,
        Fact::Given {
            selection: command.selection_hash,
            items: u64::from(grant.items),
            refused: u64::from(command.refused),
        },
    );
    let grant_events = vec![
        grant::Event::Given {
            grant: Box::new(grant.clone()),
            selection: command.selection.clone(),
            items: command.items.clone(),
        },
        grant::Event::WrapPut(command.code.id, GrantWrap { wrapped: command.code_wrap.clone() }),
        grant::Event::Recorded(leaf.clone()),
    ];
    let code = code_token(id, facts, command);
    let approval = Approval {
        grant: id,
        selection_hash: command.selection_hash,
        handle: command.handle.clone(),
        code_expires: code.expires,
    };
    let vault_events = vec![
        vault::Event::ApprovalNoted(command.session, approval.clone()).into(),
        pinned(id, &command.items).into(),
    ];
    let complete = session::Command::Complete {
        grant: id,
        device: device_id,
        handle: command.handle.clone(),
        sealed_half: command.sealed_half.clone(),
        code_expires: code.expires,
    };
    let same_region = (command.session.region == id.region).then_some(command.session);
    Ok(Decision {
        changes: vec![
            Change { id, events: grant_events.into_iter().map(Into::into).collect() },
            Change {
                id: command.code.id,
                events: vec![token::Event::Issued(Box::new(code)).into()],
            },
            Change { id: command.vault, events: vault_events },
        ],
        relied: [device_id, command.institution, command.request.offer]
            .into_iter()
            .chain(same_region)
            .collect(),
        conditions: vec![RowCondition::Absent(command.vault, approval_row)],
        leaves: vec![leaf.to_log()],
        effects: vec![Effect::Tell { target: command.session, command: Box::new(complete.into()) }],
        notices: grant.notices(id, facts.now).into_iter().skip(1).collect(),
        reply: Ok(Reply::Approved(answer(&approval))),
    })
}

// The session was answered before: the same approval gets the same answer.
fn repeated(id: Id, command: &Approve, approval: &Approval) -> Result<Decision, Rejection> {
    if approval.grant == id && approval.selection_hash == command.selection_hash {
        Ok(Decision::reply(Reply::Approved(answer(approval))))
    } else {
        Err(Rejection::SessionEnded)
    }
}

fn answer(approval: &Approval) -> Approved {
    Approved {
        grant: approval.grant,
        handle: approval.handle.clone(),
        code_expires: approval.code_expires,
    }
}

fn check_session(
    id: Id,
    facts: &Facts<'_>,
    command: &Approve,
    device: Id,
) -> Result<(), Rejection> {
    if command.session.region != id.region {
        return Ok(());
    }
    let session = facts.head::<Session>(command.session)?;
    session.claimed_by(Some(device))?;
    match session.still_running(facts.now)? {
        SessionStage::Confirmed => {}
        SessionStage::Claimed => return Err(Rejection::NumberRequired),
        _ => return Err(Rejection::WrongState),
    }
    let same = session.request == command.request
        && session.institution == command.institution
        && session.statement_hash == Some(command.statement_hash);
    if !same {
        return Err(Rejection::SelectionMismatch);
    }
    // The half travels sealed on the institution's own channel, and on no other.
    let own_channel = session.request.response_mode == ResponseMode::Session;
    if own_channel != command.sealed_half.is_some() {
        return Err(Rejection::WrongResponseMode);
    }
    Ok(())
}

fn check_items(facts: &Facts<'_>, command: &Approve) -> Result<(), Rejection> {
    if command.items.is_empty() || command.items.len() > ITEMS_MAX {
        return Err(Rejection::InvalidRequest);
    }
    for (item, _) in &command.items {
        let current = facts
            .row_as::<ItemVersion>(command.vault, &Row::VaultItem(item.item))
            .filter(|current| current.tombstone.is_none())
            .ok_or(Rejection::SelectionMismatch)?;
        let same = current.version == item.version
            && current.digest == item.digest
            && current.object == item.object
            && current.epoch == item.epoch;
        if !same {
            return Err(Rejection::SelectionMismatch);
        }
    }
    Ok(())
}

fn given(device: Id, facts: &Facts<'_>, command: &Approve) -> Grant {
    Grant {
        vault: command.vault,
        device,
        institution: command.institution,
        offer: command.request.offer,
        session: command.session,
        statement_hash: command.statement_hash,
        state: GrantState::Active,
        terms: command.terms.clone(),
        selection_hash: command.selection_hash,
        items: u16::try_from(command.items.len()).unwrap_or(u16::MAX),
        uses: 0,
        period: (0, 0),
        last_use: None,
        records: 0,
        chain: Digest([0; 32]),
        authentication: command.authentication.clone(),
        created: facts.now,
    }
}

fn code_token(id: Id, facts: &Facts<'_>, command: &Approve) -> Token {
    let expires = facts.now.after(CODE_LIFE);
    let code = Token::issue(
        &command.code,
        TokenClass::Code,
        command.institution,
        Binding::Client(command.institution),
        facts.now,
        expires,
    );
    Token {
        grant: Some(id),
        code: Some(CodeTerms {
            session: command.session,
            challenge: command.request.challenge,
            redirect_uri: command.request.redirect_uri.clone(),
            response_mode: command.request.response_mode,
        }),
        ..code
    }
}

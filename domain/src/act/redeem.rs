//! Redeem and refresh: a code becomes tokens, exactly once; a refresh token gets further
//! access tokens. The code or the refresh token leads.

use crate::bytes::Digest;
use crate::entity::grant::{self, Grant, GrantWrap, Terms};
use crate::entity::institution::Institution;
use crate::entity::offer::{Offer, OfferState};
use crate::entity::token::{
    self, ACCESS_LIFE, Binding, Credential, ISSUED_MAX, Token, TokenClass, TokenState,
    family_needs, revoke_family,
};
use crate::entity::vault::Vault;
use crate::entity::{Change, Decision, Facts, Need, Reply, device::Device};
use crate::port::Verdict;
use crate::{Id, Rejection, Timestamp};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// A code that comes back later than this was stolen or replayed, not retried.
pub const REPLAY_GRACE: Duration = Duration::from_secs(10);
/// Wrong verifiers that consume a code.
pub const WRONG_VERIFIERS_MAX: u8 = 5;

/// A token to be issued, with the grant key wrapped under a key from it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewToken {
    /// Its name.
    pub credential: Credential,
    /// The wrapped grant key.
    pub wrap: GrantWrap,
}

/// What the node made of a token request with a code: it has unwrapped the grant key with
/// the code's half and wrapped it for the new tokens.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Redeem {
    /// SHA-256 of the code's handle as presented.
    pub hash: Digest,
    /// S256 of the PKCE verifier presented.
    pub challenge: Digest,
    /// The redirect URI presented.
    pub redirect_uri: Option<String>,
    /// The client certificate's thumbprint.
    pub certificate: Digest,
    /// Whether the half opened the grant key. What did not is no code.
    pub half_fits: bool,
    /// The access token.
    pub access: NewToken,
    /// The refresh token; issued only if the grant can be read more than once.
    pub refresh: NewToken,
    /// What the rules say.
    pub verdict: Verdict,
}

/// What the node made of a token request with a refresh token.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Refresh {
    /// SHA-256 of the refresh token as presented.
    pub hash: Digest,
    /// The client certificate's thumbprint.
    pub certificate: Digest,
    /// The access token.
    pub access: NewToken,
    /// What the rules say.
    pub verdict: Verdict,
}

/// The answer; the node adds the tokens, which it alone knows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Redeemed {
    /// The grant.
    pub grant: Id,
    /// The offer.
    pub offer: Id,
    /// Whether the refresh token was issued.
    pub refreshable: bool,
    /// Until when the access token is good.
    pub access_expires: Timestamp,
    /// What was agreed.
    pub terms: Terms,
    /// How many items there are.
    pub items: u16,
}

fn grant_needs(state: &Token, facts: &Facts<'_>) -> Vec<Need> {
    let mut needs = Vec::new();
    if let Some(grant) = state.grant {
        needs.push(Need::Head(grant));
        if let Ok(grant) = facts.head::<Grant>(grant) {
            let heads = [grant.vault, grant.device, grant.institution, grant.offer];
            needs.extend(heads.map(Need::Head));
        }
    }
    needs
}

/// What [`redeem`] looks at.
#[must_use]
pub fn redeem_needs(state: &Token, facts: &Facts<'_>, command: &Redeem) -> Vec<Need> {
    let new = [command.access.credential.id, command.refresh.credential.id].map(Need::Head);
    let mut needs = grant_needs(state, facts);
    needs.extend(new);
    // A replay ends what the code gave, and what that gave.
    needs.extend(family_needs(state.owner, state));
    needs
}

/// What [`refresh`] looks at.
#[must_use]
pub fn refresh_needs(state: &Token, facts: &Facts<'_>, command: &Refresh) -> Vec<Need> {
    let mut needs = grant_needs(state, facts);
    needs.push(Need::Head(command.access.credential.id));
    needs.extend(state.issued.iter().copied().map(Need::Head));
    needs
}

/// Judges a redemption.
///
/// # Errors
/// [`Rejection::InvalidGrant`] and what the grant, the institution or a rule forbid. A
/// wrong client never consumes the code.
pub fn redeem(
    id: Id,
    state: &Token,
    facts: &Facts<'_>,
    command: &Redeem,
) -> Result<Decision, Rejection> {
    let client = facts.principal.institution().ok_or(Rejection::InvalidClient)?;
    if state.class != TokenClass::Code || state.hash != command.hash || state.owner != client {
        return Err(Rejection::InvalidGrant);
    }
    let terms = state.code.as_ref().ok_or(Rejection::InvalidGrant)?;
    match state.state {
        TokenState::Live if state.expires > facts.now => {}
        TokenState::Used { at } if facts.now.since(at) > REPLAY_GRACE => {
            let decision = revoke_family(id, state, facts);
            return Ok(decision.replying(Err(Rejection::InvalidGrant)));
        }
        _ => return Err(Rejection::InvalidGrant),
    }
    if terms.challenge != command.challenge || terms.redirect_uri != command.redirect_uri {
        let last = state.wrong_verifiers + 1 >= WRONG_VERIFIERS_MAX;
        let events = [Some(token::Event::WrongVerifier), last.then_some(token::Event::Revoked)];
        let events = events.into_iter().flatten().map(Into::into).collect();
        return Ok(Decision::change(id, events).replying(Err(Rejection::InvalidGrant)));
    }
    if !command.half_fits {
        return Err(Rejection::InvalidGrant);
    }
    let lending = lending(state, client, facts, &command.verdict)?;
    let refreshable = lending.grant.terms.frequency.uses_max > 1;
    let access = lending.access(&command.access, command.certificate, facts.now);
    let mut issued_ids = vec![command.access.credential.id];
    let mut grant_events = vec![grant::Event::WrapDropped(id), access.wrap];
    let mut changes = vec![access.issued];
    if refreshable {
        let refresh_id = command.refresh.credential.id;
        let refresh = Token {
            issued: vec![command.access.credential.id],
            ..lending.token(
                &command.refresh,
                TokenClass::Refresh,
                Binding::Client(client),
                facts.now,
                lending.grant.terms.expires,
            )
        };
        issued_ids.push(refresh_id);
        grant_events.push(grant::Event::WrapPut(refresh_id, command.refresh.wrap.clone()));
        changes.push(Change {
            id: refresh_id,
            events: vec![token::Event::Issued(Box::new(refresh)).into()],
        });
    }
    let used = token::Event::Used { at: facts.now, issued: issued_ids };
    changes.push(Change { id, events: vec![used.into()] });
    let grant_events = grant_events.into_iter().map(Into::into).collect();
    changes.push(Change { id: lending.id, events: grant_events });
    Ok(lending.decision(changes, refreshable, access.expires))
}

/// Judges a refresh.
///
/// # Errors
/// [`Rejection::InvalidGrant`] and what the grant, the institution or a rule forbid.
pub fn refresh(
    id: Id,
    state: &Token,
    facts: &Facts<'_>,
    command: &Refresh,
) -> Result<Decision, Rejection> {
    let client = facts.principal.institution().ok_or(Rejection::InvalidClient)?;
    state
        .accept(TokenClass::Refresh, &command.hash, &Binding::Client(client), facts.now)
        .map_err(|_| Rejection::InvalidGrant)?;
    let lending = lending(state, client, facts, &command.verdict)?;
    let mut alive: Vec<Id> = state
        .issued
        .iter()
        .copied()
        .filter(|id| facts.head::<Token>(*id).is_ok_and(|token| token.is_live(facts.now)))
        .collect();
    if alive.len() >= ISSUED_MAX {
        return Err(Rejection::LimitReached);
    }
    alive.push(command.access.credential.id);
    let access = lending.access(&command.access, command.certificate, facts.now);
    let changes = vec![
        Change { id, events: vec![token::Event::Refreshed { issued: alive }.into()] },
        access.issued,
        Change { id: lending.id, events: vec![access.wrap.into()] },
    ];
    Ok(lending.decision(changes, false, access.expires))
}

// The grant, if everything that a token for it rests on still stands.
fn lending<'a>(
    state: &Token,
    client: Id,
    facts: &'a Facts<'_>,
    verdict: &Verdict,
) -> Result<Lending<'a>, Rejection> {
    let grant_id = state.grant.ok_or(Rejection::InvalidGrant)?;
    let grant = facts.head::<Grant>(grant_id).map_err(|_| Rejection::InvalidGrant)?;
    if grant.institution != client {
        return Err(Rejection::InvalidGrant);
    }
    grant.live(facts.now)?;
    still_stands(grant, facts)?;
    match verdict {
        Verdict::Deny(_) => Err(Rejection::RuleDenied),
        Verdict::StepUp(_) => Err(Rejection::StepUpRequired),
        Verdict::Permit | Verdict::Narrow(_) => Ok(Lending { id: grant_id, grant }),
    }
}

/// Demands that vault, device, institution and offer still stand behind the grant.
///
/// # Errors
/// The rejection of the one that does not.
pub fn still_stands(grant: &Grant, facts: &Facts<'_>) -> Result<(), Rejection> {
    facts.head::<Vault>(grant.vault).map_err(|_| Rejection::VaultGone)?.live()?;
    // A revoked device's grants go on: the person can revoke them one by one. But its
    // head must be there: a grant without a giver is no grant.
    facts.head::<Device>(grant.device)?;
    facts.head::<Institution>(grant.institution)?.approved()?;
    // Withdrawing an offer ends new consents; the operator's refusal ends the old ones too.
    if facts.head::<Offer>(grant.offer)?.state == OfferState::Refused {
        return Err(Rejection::OfferNotApproved);
    }
    Ok(())
}

/// A grant that lends now.
struct Lending<'a> {
    id: Id,
    grant: &'a Grant,
}

/// An access token that a redemption or a refresh gives.
struct Access {
    issued: Change,
    wrap: grant::Event,
    expires: Timestamp,
}

impl Lending<'_> {
    fn access(&self, new: &NewToken, certificate: Digest, now: Timestamp) -> Access {
        let id = new.credential.id;
        let expires = now.after(ACCESS_LIFE).min(self.grant.terms.expires);
        let binding = Binding::Certificate(certificate);
        let token = self.token(new, TokenClass::Access, binding, now, expires);
        let events = vec![token::Event::Issued(Box::new(token)).into()];
        let wrap = grant::Event::WrapPut(id, new.wrap.clone());
        Access { issued: Change { id, events }, wrap, expires }
    }

    fn token(
        &self,
        new: &NewToken,
        class: TokenClass,
        binding: Binding,
        now: Timestamp,
        expires: Timestamp,
    ) -> Token {
        let client = self.grant.institution;
        let token = Token::issue(&new.credential, class, client, binding, now, expires);
        Token { grant: Some(self.id), ..token }
    }

    // On everything that the grant rests on.
    fn decision(
        &self,
        changes: Vec<Change>,
        refreshable: bool,
        access_expires: Timestamp,
    ) -> Decision {
        let grant = self.grant;
        let redeemed = Redeemed {
            grant: self.id,
            offer: grant.offer,
            refreshable,
            access_expires,
            terms: grant.terms.clone(),
            items: grant.items,
        };
        Decision {
            changes,
            relied: vec![grant.vault, grant.device, grant.institution, grant.offer],
            ..Decision::reply(Reply::Redeemed(Box::new(redeemed)))
        }
    }
}

//! Token: a credential, known to the store by its hash alone.
//!
//! Codes, access and refresh tokens, and the tokens of devices and front ends. The code
//! leads its redemption and the refresh token its refresh (see [`crate::act::redeem`]).

use super::grant::{self, Grant};
use super::session::ResponseMode;
use super::{Change, Decision, Entity, Facts, Need, Reply, RowChange};
use crate::act::redeem::{self, Redeem, Refresh};
use crate::bytes::Digest;
pub use crate::crypto::token::TokenClass;
use crate::key::Index;
use crate::record::Record;
use crate::{Id, Rejection, Timestamp};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// How long a code is good.
pub const CODE_LIFE: Duration = Duration::from_secs(60);
/// Longest life of an access token (FAPI 2.0 asks for short ones).
pub const ACCESS_LIFE: Duration = Duration::from_secs(600);
/// How long a used or dead token is remembered: long enough to see it come back.
pub const REMEMBERED: Duration = Duration::from_secs(24 * 3600);
/// Most live access tokens of one refresh token.
pub const ISSUED_MAX: usize = 8;

/// A token as its maker names it: the id comes from the hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Credential {
    /// The entity.
    pub id: Id,
    /// `SHA-256(lp("token-id", token))`.
    pub hash: Digest,
}

/// What its bearer must prove besides having it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Binding {
    /// To be the client that it was issued to.
    Client(Id),
    /// The client certificate with this SHA-256 thumbprint (RFC 8705).
    Certificate(Digest),
    /// The `DPoP` key with this thumbprint (RFC 9449).
    Key(Digest),
    /// Nothing: whoever was shown it may use it, once.
    Holder,
}

/// Where it is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum TokenState {
    /// Good until it expires.
    Live,
    /// A code that was redeemed.
    Used {
        /// When.
        at: Timestamp,
    },
    /// Good for nothing.
    Revoked,
}

/// What a code was made for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CodeTerms {
    /// The session that it answers.
    pub session: Id,
    /// PKCE S256 challenge of the request.
    pub challenge: Digest,
    /// The request's redirect URI.
    pub redirect_uri: Option<String>,
    /// The channel it travelled on.
    pub response_mode: ResponseMode,
}

/// The head.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Token {
    /// What it is good for.
    pub class: TokenClass,
    /// `SHA-256(lp("token-id", token))`.
    pub hash: Digest,
    /// Whose it is: an institution, a front end or a device.
    pub owner: Id,
    /// What its bearer must prove.
    pub binding: Binding,
    /// Where it is in its life.
    pub state: TokenState,
    /// The grant that it opens.
    pub grant: Option<Id>,
    /// What a code was made for.
    pub code: Option<CodeTerms>,
    /// Wrong PKCE verifiers by the right client; the fifth consumes a code.
    pub wrong_verifiers: u8,
    /// What was issued for it and can still be alive.
    pub issued: Vec<Id>,
    /// When it was issued.
    pub created: Timestamp,
    /// Until when it is good.
    pub expires: Timestamp,
}

impl Record for Token {
    const TAG: u8 = 5;
    const VERSION: u8 = 1;
}

impl Token {
    /// A new live token.
    #[must_use]
    pub fn issue(
        credential: &Credential,
        class: TokenClass,
        owner: Id,
        binding: Binding,
        created: Timestamp,
        expires: Timestamp,
    ) -> Self {
        Self {
            class,
            hash: credential.hash,
            owner,
            binding,
            state: TokenState::Live,
            grant: None,
            code: None,
            wrong_verifiers: 0,
            issued: Vec::new(),
            created,
            expires,
        }
    }

    /// Whether it is good now.
    #[must_use]
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.state == TokenState::Live && self.expires > now
    }

    /// Demands that it is good now, of this class, and exactly the token presented.
    ///
    /// # Errors
    /// [`Rejection::InvalidToken`].
    pub fn accept(
        &self,
        class: TokenClass,
        hash: &Digest,
        binding: &Binding,
        now: Timestamp,
    ) -> Result<(), Rejection> {
        let fits = self.class == class
            && self.hash == *hash
            && self.binding == *binding
            && self.is_live(now);
        if fits { Ok(()) } else { Err(Rejection::InvalidToken) }
    }
}

/// What can be asked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Command {
    /// The institution redeems a code.
    Redeem(Box<Redeem>),
    /// The institution gets a further access token.
    Refresh(Box<Refresh>),
    /// Its owner ends it (RFC 7009); what was issued for it ends too.
    Revoke,
}

/// What can happen.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// It was issued.
    Issued(Box<Token>),
    /// A code was redeemed.
    Used {
        /// When.
        at: Timestamp,
        /// What was issued for it.
        issued: Vec<Id>,
    },
    /// An access token was issued for a refresh token.
    Refreshed {
        /// What was issued and can still be alive.
        issued: Vec<Id>,
    },
    /// A wrong verifier was presented.
    WrongVerifier,
    /// It is good for nothing any more.
    Revoked,
    /// It is forgotten.
    Erased,
}

impl Entity for Token {
    type Command = Command;
    type Event = Event;

    fn needs(id: Id, state: Option<&Self>, facts: &Facts<'_>, command: &Command) -> Vec<Need> {
        match (command, state) {
            (Command::Redeem(command), Some(state)) => redeem::redeem_needs(state, facts, command),
            (Command::Refresh(command), Some(state)) => {
                redeem::refresh_needs(state, facts, command)
            }
            (Command::Revoke, Some(state)) => family_needs(id, state),
            (_, None) => Vec::new(),
        }
    }

    fn decide(
        id: Id,
        state: Option<&Self>,
        facts: &Facts<'_>,
        command: &Command,
    ) -> Result<Decision, Rejection> {
        match command {
            Command::Redeem(command) => {
                redeem::redeem(id, state.ok_or(Rejection::InvalidGrant)?, facts, command)
            }
            Command::Refresh(command) => {
                redeem::refresh(id, state.ok_or(Rejection::InvalidGrant)?, facts, command)
            }
            Command::Revoke => {
                // RFC 7009 section 2.2: an unknown token is no error; another's is unknown.
                let owner = facts.principal.institution().or(facts.principal.device());
                let owner = owner.or(facts.principal.front_end());
                match state.filter(|state| owner == Some(state.owner)) {
                    Some(state) if state.state != TokenState::Revoked => {
                        Ok(revoke_family(id, state, facts))
                    }
                    _ => Ok(Decision::reply(Reply::Done)),
                }
            }
        }
    }

    fn due_needs(id: Id, state: &Self) -> Vec<Need> {
        let _ = id;
        state.grant.map(Need::Head).into_iter().collect()
    }

    fn due(id: Id, state: &Self, facts: &Facts<'_>) -> Option<Decision> {
        if state.next_deadline()? > facts.now {
            return None;
        }
        let mut decision = Decision::change(id, vec![Event::Erased.into()]);
        decision.changes.extend(dropped_wraps(state.grant, &[id], facts));
        Some(decision)
    }

    fn evolve(state: Option<Self>, event: &Event) -> Option<Self> {
        if let Event::Issued(token) = event {
            return Some((**token).clone());
        }
        let state = state?;
        match event {
            Event::Issued(_) | Event::Erased => None,
            Event::Used { at, issued } => {
                Some(Self { state: TokenState::Used { at: *at }, issued: issued.clone(), ..state })
            }
            Event::Refreshed { issued } => Some(Self { issued: issued.clone(), ..state }),
            Event::WrongVerifier => {
                Some(Self { wrong_verifiers: state.wrong_verifiers.saturating_add(1), ..state })
            }
            Event::Revoked => Some(Self { state: TokenState::Revoked, ..state }),
        }
    }

    fn rows(_: &Event) -> Vec<RowChange> {
        Vec::new()
    }

    fn index(&self, id: Id) -> Vec<Index> {
        match (self.state, self.grant) {
            (TokenState::Live, Some(grant)) => vec![Index::TokensOf(grant, id)],
            _ => Vec::new(),
        }
    }

    fn next_deadline(&self) -> Option<Timestamp> {
        Some(match self.state {
            TokenState::Live if self.class == TokenClass::Access => self.expires,
            // One that comes back late is unknown: it gave nothing that could be revoked.
            _ if self.class == TokenClass::Hint => self.expires,
            // A code or refresh token that comes back late is still recognised.
            _ => self.expires.after(REMEMBERED),
        })
    }
}

/// What [`revoke_family`] looks at: the grant and everything issued.
#[must_use]
pub fn family_needs(_: Id, state: &Token) -> Vec<Need> {
    state.grant.into_iter().chain(state.issued.iter().copied()).map(Need::Head).collect()
}

/// Ends a token and everything that was issued for it; the wraps go with them.
#[must_use]
pub fn revoke_family(id: Id, state: &Token, facts: &Facts<'_>) -> Decision {
    let alive: Vec<Id> = state
        .issued
        .iter()
        .copied()
        .filter(|issued| {
            facts.head::<Token>(*issued).is_ok_and(|token| token.state != TokenState::Revoked)
        })
        .collect();
    let mut decision = Decision::change(id, vec![Event::Revoked.into()]);
    decision
        .changes
        .extend(alive.iter().map(|id| Change { id: *id, events: vec![Event::Revoked.into()] }));
    // A refresh token issued for a code has issued access tokens of its own: without their
    // wraps, and with introspection asking the refresh token's grant, they open nothing.
    let wraps: Vec<Id> = [id].into_iter().chain(state.issued.iter().copied()).collect();
    let further: Vec<Id> = alive
        .iter()
        .filter_map(|id| facts.head::<Token>(*id).ok())
        .flat_map(|token| token.issued.iter().copied())
        .collect();
    let all: Vec<Id> = wraps.into_iter().chain(further).collect();
    decision.changes.extend(dropped_wraps(state.grant, &all, facts));
    decision
}

fn dropped_wraps(grant: Option<Id>, tokens: &[Id], facts: &Facts<'_>) -> Option<Change> {
    let grant = grant?;
    facts.head::<Grant>(grant).ok()?;
    let events = tokens.iter().map(|token| grant::Event::WrapDropped(*token).into()).collect();
    Some(Change { id: grant, events })
}

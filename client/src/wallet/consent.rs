//! Approving: the person's ticks become a signed selection, wraps that only the code opens,
//! and a code of two halves.

use super::items::object_id;
use super::{Asked, Wallet};
use crate::http3::Request;
use crate::{ClientError, ambient};
use serde::{Deserialize, Serialize};
use std::time::Duration;
use symbolon_domain::act::approve::wraps_hash;
use symbolon_domain::api::Bytes;
use symbolon_domain::api::device::{ApproveSession, ApprovedSession};
use symbolon_domain::crypto::code::{Code, format_half};
use symbolon_domain::crypto::hpke::{self, Purpose};
use symbolon_domain::crypto::token::{Token, TokenClass};
use symbolon_domain::crypto::wrap::{Context, Lent, Wrap, code_wrap_key, wrap};
use symbolon_domain::crypto::{Crypto, RustCrypto};
use symbolon_domain::document::selection::{SelectedItem, Selection};
use symbolon_domain::document::text::LANGUAGE_DEFAULT;
use symbolon_domain::entity::grant::Delivery;
use symbolon_domain::entity::session::ResponseMode;
use symbolon_domain::jws::{Typ, sign};
use symbolon_domain::secret::{Secret, SecretText};
use symbolon_domain::{Id, Kind, Path, Timestamp};
use url::Url;

/// What became of an approval: the grant, and how its code goes on.
#[derive(Clone, Debug)]
pub enum Answered {
    /// The code is on its way through the institution's own channel.
    Session {
        /// The grant.
        grant: Id,
    },
    /// Show this as a QR code: the institution's terminal scans it.
    Scan {
        /// The grant.
        grant: Id,
        /// What the code holds, as JSON.
        code: SecretText,
        /// Until when it is good.
        expires: Timestamp,
    },
    /// Bring the browser here.
    Query {
        /// The grant.
        grant: Id,
        /// The redirect address with `code`, `state` and `iss`.
        redirect: SecretText,
        /// Until when the code is good.
        expires: Timestamp,
    },
}

impl Answered {
    /// The grant.
    #[must_use]
    pub fn grant(&self) -> Id {
        match self {
            Self::Session { grant } | Self::Scan { grant, .. } | Self::Query { grant, .. } => {
                *grant
            }
        }
    }
}

/// What the QR code of `symbolon.scan` holds.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScanCode {
    /// The issuer: refuse another cluster's.
    pub iss: String,
    /// The institution: refuse another's.
    pub client_id: Id,
    /// The session.
    pub session: Id,
    /// The code.
    pub code: SecretText,
}

// What goes to the node beside the selection.
struct Wraps {
    grant: Id,
    half: Secret<32>,
    code_wrap: Wrap,
    sealed_half: Option<Vec<u8>>,
    items: Vec<SelectedItem>,
    wraps: Vec<Wrap>,
}

impl Wallet {
    /// Approves: lends the ticked items, refuses all others that were asked for.
    ///
    /// # Errors
    /// When something ticked is not asked for or not in the vault, or the node refuses.
    pub async fn approve(
        &mut self,
        asked: &Asked,
        ticked: &[Path],
    ) -> Result<Answered, ClientError> {
        let approval = self.approval(asked, ticked)?;
        let session = asked.scanned.statement.session;
        let request =
            Request::post(format!("/v1/sessions/{session}/approve")).json(&approval.request)?;
        let sent = match self.send(request.clone()).await {
            // The same bytes again are the same approval.
            Err(ClientError::Unreachable { .. } | ClientError::Deadline { .. }) => {
                self.send(request).await
            }
            other => other,
        };
        let approved: ApprovedSession = sent?.json()?;
        if approved.grant != approval.grant {
            return Err(ClientError::Answer("the node names another grant".into()));
        }
        self.forget_session(session)?;
        self.answered(asked, &approved, approval.half)
    }

    /// The approval that [`Wallet::approve`] would send.
    ///
    /// # Errors
    /// When something ticked is not asked for or not in the vault.
    pub(super) fn approval(&self, asked: &Asked, ticked: &[Path]) -> Result<Approval, ClientError> {
        let (offer, request, _) = asked.scanned.consent()?;
        let stray = ticked.iter().find(|path| !asked.items.iter().any(|item| item.path == **path));
        if let Some(path) = stray {
            return Err(ClientError::input(format!("{path} is not asked for")));
        }
        let wraps = self.wraps(asked, ticked)?;
        let wrap_bytes: Vec<&[u8]> = wraps.wraps.iter().map(Wrap::as_bytes).collect();
        let terms = &asked.offer;
        let issued = ambient::now();
        let statement = terms
            .statement(LANGUAGE_DEFAULT)
            .ok_or_else(|| ClientError::untrusted("the offer has no text in English"))?;
        let selection = Selection {
            issuer: self.state.cluster.issuer.clone(),
            client_id: terms.institution,
            session: asked.scanned.statement.session,
            request,
            offer,
            grant: wraps.grant,
            vault: self.state.vault,
            device: self.state.device,
            items: wraps.items,
            refused: asked
                .items
                .iter()
                .filter(|item| !ticked.contains(&item.path))
                .map(|item| item.path.clone())
                .collect(),
            purpose: terms.purpose.code.clone(),
            frequency: terms.frequency,
            data_life_seconds: terms.data_life_seconds,
            delivery: terms.delivery,
            statement,
            language: LANGUAGE_DEFAULT.into(),
            wrap: wraps_hash(wraps.code_wrap.as_bytes(), wraps.sealed_half.as_deref(), &wrap_bytes),
            issued,
            expires: issued.after(Duration::from_secs(terms.grant_life_seconds)),
        };
        selection.validate()?;
        let selection = sign(&RustCrypto, &self.state.signing, Typ::Selection, None, &selection)?;
        let assertion = self.confirm(&selection, Typ::Selection)?;
        let bytes = |wrap: &Wrap| Bytes(wrap.as_bytes().to_vec());
        let request = ApproveSession {
            selection,
            assertion,
            wraps: wraps.wraps.iter().map(bytes).collect(),
            code_wrap: bytes(&wraps.code_wrap),
            sealed_half: wraps.sealed_half.map(Bytes),
        };
        Ok(Approval { grant: wraps.grant, half: wraps.half, request })
    }

    fn wraps(&self, asked: &Asked, ticked: &[Path]) -> Result<Wraps, ClientError> {
        let client = asked.offer.institution;
        let session = asked.scanned.statement.session;
        let grant = Id::new(Kind::Grant, self.state.vault.region, ambient::random()?);
        let root = self.state.root_key();
        let grant_key = root.grant_key(grant);
        let half = ambient::secret()?;
        let crypto: &dyn Crypto = &RustCrypto;
        let code_wrap = wrap(
            crypto,
            &code_wrap_key(&half, grant, client),
            &Context::grant_key(grant, client),
            grant_key.expose(),
        )?;
        let (mut items, mut wraps) = (Vec::new(), Vec::new());
        for path in asked.items.iter().map(|item| &item.path) {
            if !ticked.contains(path) {
                continue;
            }
            let known = self.state.items.get(path);
            let entry = known.map(|known| &known.entry).filter(|entry| entry.tombstone.is_none());
            let none = || ClientError::input(format!("{path} is not in the vault: store it first"));
            let entry = entry.ok_or_else(none)?;
            let epoch = root.epoch_secret(path, entry.epoch);
            let (lent, secret) = if asked.offer.covers_future {
                (Lent::Epoch(entry.epoch), epoch.secret().clone())
            } else {
                let wrong = |_| ClientError::Answer("a salt is not 32 bytes".into());
                let salt = entry.salt.0.as_slice().try_into().map_err(wrong)?;
                let secret = epoch.content_secret(&entry.item, &salt).secret().clone();
                (Lent::Version(object_id(entry)?), secret)
            };
            let context = Context::item(grant, path, &entry.item, lent);
            let sealed = self.seal_for(asked, &context, &secret)?;
            let inner = sealed.as_deref().unwrap_or(secret.expose().as_slice());
            wraps.push(wrap(crypto, &grant_key, &context, inner)?);
            items.push(SelectedItem {
                path: path.clone(),
                item: entry.item,
                version: entry.version,
                digest: entry.digest,
                epoch: asked.offer.covers_future.then_some(entry.epoch),
            });
        }
        let sealed_half = match asked.scanned.consent()?.2 {
            ResponseMode::Session => {
                let info = self.hpke_info(asked, Purpose::Half, client, session);
                let text = SecretText::new(format_half(&half));
                Some(hpke::seal(
                    &asked.scanned.statement.institution.hpke_key.key,
                    &info,
                    grant.to_string().as_bytes(),
                    text.expose().as_bytes(),
                    &ambient::secret()?,
                )?)
            }
            ResponseMode::Scan | ResponseMode::Query => None,
        };
        Ok(Wraps { grant, half, code_wrap, sealed_half, items, wraps })
    }

    // With delivery `institution`: the secret sealed to it, so that unwrapping shows the
    // server nothing.
    fn seal_for(
        &self,
        asked: &Asked,
        context: &Context,
        secret: &Secret<32>,
    ) -> Result<Option<Vec<u8>>, ClientError> {
        if asked.offer.delivery == Delivery::Server {
            return Ok(None);
        }
        let statement = &asked.scanned.statement;
        let info = self.hpke_info(asked, Purpose::Item, asked.offer.institution, statement.session);
        let recipient = &statement.institution.hpke_key.key;
        let random = ambient::secret()?;
        Ok(Some(hpke::seal(recipient, &info, context.as_bytes(), secret.expose(), &random)?))
    }

    fn hpke_info(&self, asked: &Asked, purpose: Purpose, client: Id, session: Id) -> Vec<u8> {
        let issuer = &self.state.cluster.issuer;
        hpke::info(&asked.scanned.statement_hash, purpose, issuer, client, session)
    }

    fn answered(
        &self,
        asked: &Asked,
        approved: &ApprovedSession,
        half: Secret<32>,
    ) -> Result<Answered, ClientError> {
        let wrong = || ClientError::Answer("the code's handle is none".into());
        let handle = Token::parse(TokenClass::Code, &approved.handle).map_err(|_| wrong())?;
        let code = Code { handle, half }.to_text();
        let (grant, expires) = (approved.grant, approved.code_expires);
        let issuer = &self.state.cluster.issuer;
        match asked.scanned.consent()?.2 {
            ResponseMode::Session => Ok(Answered::Session { grant }),
            ResponseMode::Scan => {
                let session = asked.scanned.statement.session;
                let client_id = asked.offer.institution;
                let scan = ScanCode { iss: issuer.clone(), client_id, session, code };
                let text = serde_json::to_string(&scan)
                    .map_err(|error| ClientError::input(error.to_string()))?;
                Ok(Answered::Scan { grant, code: SecretText::new(text), expires })
            }
            ResponseMode::Query => {
                let missing = || ClientError::Answer("the node names no redirect address".into());
                let uri = asked.redirect_uri.as_deref().ok_or_else(missing)?;
                let mut url = Url::parse(uri).map_err(|_| missing())?;
                url.query_pairs_mut()
                    .append_pair("code", code.expose())
                    .append_pair("iss", issuer)
                    .extend_pairs(asked.state.iter().map(|state| ("state", state)));
                Ok(Answered::Query { grant, redirect: SecretText::new(url.into()), expires })
            }
        }
    }
}

// An approval ready to be sent, and the half that stays here.
#[derive(Debug)]
pub(super) struct Approval {
    grant: Id,
    half: Secret<32>,
    request: ApproveSession,
}

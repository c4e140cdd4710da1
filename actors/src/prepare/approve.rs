//! An approval, verified: the selection's signature, the person's confirmation, offer,
//! session and rules.

use super::{Prepare, Refusal};
use symbolon_domain::act::approve::{Approve, wraps_hash};
use symbolon_domain::api::device::{ApproveSession, WebAuthnAssertion};
use symbolon_domain::crypto::token::{Token, TokenClass};
use symbolon_domain::document::offer::Offer as OfferDocument;
use symbolon_domain::document::selection::{Selection, SessionFacts};
use symbolon_domain::entity::Command;
use symbolon_domain::entity::device::{Device, SignCount};
use symbolon_domain::entity::grant::{self, Authentication, GrantedItem, StoredSelection, Terms};
use symbolon_domain::entity::offer::Offer;
use symbolon_domain::entity::session::Session;
use symbolon_domain::entity::token::Credential;
use symbolon_domain::entity::vault::ItemVersion;
use symbolon_domain::jws::{Typ, Unverified, Verified};
use symbolon_domain::key::Row;
use symbolon_domain::oauth::par::PushedRequest;
use symbolon_domain::port::{RuleInput, Stage, Verdict};
use symbolon_domain::webauthn::{self, Assertion};
use symbolon_domain::{Id, Path, Rejection, record};

/// Longest wrap of one item's secret: a sealed secret with its wrap is 128 bytes.
const WRAP_BYTES_MAX: usize = 256;
/// The authentication class of a device key with the person verified (RFC 9470).
pub const ACR_USER_VERIFIED: &str = "urn:symbolon:acr:user-verified";

/// Whose pages make `WebAuthn` credentials, and the cluster's name.
#[derive(Clone, Debug)]
pub struct RelyingParty {
    /// The OAuth issuer.
    pub issuer: String,
    /// The host name of the wallet's origin.
    pub id: String,
    /// The wallet's origin.
    pub origins: Vec<String>,
}

/// A verified approval.
#[derive(Clone, Debug)]
pub struct Approval {
    /// The grant that leads the act.
    pub grant: Id,
    /// What it is told.
    pub command: Command,
    /// The authenticator's counter, which its device is told first.
    pub count: SignCount,
}

impl Prepare {
    /// Verifies an approval by this device and makes the act's command of it.
    ///
    /// # Errors
    /// What does not verify or fit, or the store's fault.
    pub async fn approve(
        &self,
        party: &RelyingParty,
        device_id: Id,
        session_id: Id,
        request: &ApproveSession,
    ) -> Result<Approval, Refusal> {
        let device: Device = self.head(device_id).await?;
        let session: Session = self.head(session_id).await?;
        session.claimed_by(Some(device_id))?;
        let (selection, count) = self.verified_selection(party, &device, request)?;
        let offer_document = self.offer_document(&session).await?;
        let asked = self.asked(session_id, &session, &offer_document).await?;
        let chosen = &selection.payload;
        chosen.check(
            &offer_document,
            &SessionFacts {
                issuer: &party.issuer,
                client_id: session.institution,
                session: session_id,
                request: session.request.hash,
                offer: session.request.offer_hash,
                vault: device.vault,
                device: device_id,
                asked: &asked,
                now: self.clock.now(),
            },
        )?;
        self.ask_rules(&session, chosen)?;
        let items = self.granted_items(&device, chosen, request).await?;
        let grant = chosen.grant;
        let handle = Token::new(TokenClass::Code, grant.region, &self.entropy.bytes());
        let approve = Approve {
            session: session_id,
            statement_hash: session.statement_hash.ok_or(Rejection::WrongState)?,
            institution: session.institution,
            vault: device.vault,
            selection: stored_selection(&selection.text, &request.assertion)?,
            selection_hash: selection.digest,
            terms: terms(chosen, &offer_document),
            items,
            refused: u16::try_from(chosen.refused.len()).unwrap_or(u16::MAX),
            handle: handle.text().expose().to_owned(),
            code: Credential { id: handle.id(), hash: handle.hash() },
            code_wrap: code_wrap(request)?,
            sealed_half: request.sealed_half.clone().map(|sealed| sealed.0),
            authentication: Authentication {
                amr: device.registration.authenticator.amr.clone(),
                acr: ACR_USER_VERIFIED.to_owned(),
                auth_time: self.clock.now(),
            },
            request: session.request,
        };
        let command = grant::Command::Approve(Box::new(approve)).into();
        Ok(Approval { grant, command, count })
    }

    fn verified_selection(
        &self,
        party: &RelyingParty,
        device: &Device,
        request: &ApproveSession,
    ) -> Result<(Verified<Selection>, SignCount), Rejection> {
        let unverified = Unverified::parse(&request.selection, Typ::Selection)?;
        let key = &device.registration.signing_key;
        let selection: Verified<Selection> = unverified.verify(&*self.crypto, key)?;
        let wraps: Vec<&[u8]> = request.wraps.iter().map(|wrap| wrap.0.as_slice()).collect();
        let sealed_half = request.sealed_half.as_ref().map(|sealed| sealed.0.as_slice());
        if selection.payload.wrap != wraps_hash(&request.code_wrap.0, sealed_half, &wraps) {
            return Err(Rejection::SelectionMismatch);
        }
        let count = confirmed(&*self.crypto, party, device, &request.assertion, &selection.digest)?;
        Ok((selection, count))
    }

    /// The offer of a session, as the institution signed it.
    ///
    /// # Errors
    /// When it is gone or damaged.
    pub async fn offer_document(&self, session: &Session) -> Result<OfferDocument, Refusal> {
        let head: Offer = self.head(session.request.offer).await?;
        let row = self.row(session.request.offer, &Row::OfferDocument).await?;
        let bytes = row.ok_or(Rejection::NotFound)?;
        let text = std::str::from_utf8(&bytes).map_err(|_| Rejection::NotFound)?;
        let unverified = Unverified::parse(text, Typ::Offer).map_err(Rejection::from)?;
        if unverified.digest() != head.hash || head.hash != session.request.offer_hash {
            return Err(Rejection::SelectionMismatch.into());
        }
        Ok(unverified.claimed().map_err(Rejection::from)?)
    }

    /// The paths that a session asks for, less what the rules keep from being shown.
    ///
    /// # Errors
    /// When a rule denies everything, or the store's fault.
    pub async fn asked(
        &self,
        session_id: Id,
        session: &Session,
        offer: &OfferDocument,
    ) -> Result<Vec<Path>, Refusal> {
        let row = self.row(session_id, &Row::SessionRequest).await?;
        let pushed = PushedRequest::from_bytes(&row.ok_or(Rejection::NotFound)?)
            .map_err(|_| Rejection::SelectionMismatch)?;
        let asked = offer.asked(pushed.consent.wish().as_deref())?;
        let paths: Vec<String> = asked.iter().map(ToString::to_string).collect();
        let verdict = self.rule.judge(&RuleInput {
            stage: Stage::Show,
            institution: session.institution,
            offer: session.request.offer_hash,
            paths: &paths,
            purpose: &offer.purpose.code,
            uses: 0,
            now: self.clock.now(),
        });
        match &verdict {
            Verdict::Deny(_) => Err(Rejection::RuleDenied.into()),
            // Asked for again when the person has chosen: showing lends nothing.
            Verdict::StepUp(_) | Verdict::Permit => Ok(asked),
            Verdict::Narrow(_) => {
                Ok(asked.into_iter().filter(|path| verdict.permits(path.as_str())).collect())
            }
        }
    }

    fn ask_rules(&self, session: &Session, selection: &Selection) -> Result<(), Rejection> {
        let paths: Vec<String> = selection.items.iter().map(|item| item.path.to_string()).collect();
        let verdict = self.rule.judge(&RuleInput {
            stage: Stage::Select,
            institution: session.institution,
            offer: session.request.offer_hash,
            paths: &paths,
            purpose: &selection.purpose,
            uses: 0,
            now: self.clock.now(),
        });
        match &verdict {
            Verdict::StepUp(_) => Err(Rejection::StepUpRequired),
            Verdict::Deny(_) => Err(Rejection::RuleDenied),
            // The person has signed for all of them: less would be another selection.
            Verdict::Narrow(_) if !paths.iter().all(|path| verdict.permits(path)) => {
                Err(Rejection::RuleDenied)
            }
            Verdict::Narrow(_) | Verdict::Permit => Ok(()),
        }
    }

    async fn granted_items(
        &self,
        device: &Device,
        selection: &Selection,
        request: &ApproveSession,
    ) -> Result<Vec<(GrantedItem, Vec<u8>)>, Refusal> {
        if request.wraps.len() != selection.items.len() {
            return Err(Rejection::SelectionMismatch.into());
        }
        let mut items = Vec::with_capacity(selection.items.len());
        for (item, wrap) in selection.items.iter().zip(&request.wraps) {
            if wrap.0.is_empty() || wrap.0.len() > WRAP_BYTES_MAX {
                return Err(Rejection::InvalidRequest.into());
            }
            let row = Row::VaultItem(item.item);
            let current: ItemVersion =
                self.record(device.vault, &row).await?.ok_or(Rejection::SelectionMismatch)?;
            let granted = GrantedItem {
                path: item.path.to_string(),
                item: item.item,
                version: item.version,
                object: current.object,
                digest: item.digest,
                epoch: item.epoch.unwrap_or(current.epoch),
            };
            items.push((granted, wrap.0.clone()));
        }
        Ok(items)
    }
}

/// Demands the person's confirmation of the bytes with this digest, by the device's
/// registered authenticator. Gives its counter, for the device to compare.
///
/// # Errors
/// [`Rejection::UserVerificationRequired`].
pub fn confirmed(
    crypto: &dyn symbolon_domain::crypto::Crypto,
    party: &RelyingParty,
    device: &Device,
    assertion: &WebAuthnAssertion,
    digest: &symbolon_domain::bytes::Digest,
) -> Result<SignCount, Rejection> {
    let authenticator = &device.registration.authenticator;
    let assertion = Assertion {
        credential_id: assertion.credential_id.0.clone(),
        client_data: assertion.client_data.0.clone(),
        authenticator_data: assertion.authenticator_data.0.clone(),
        signature: assertion.signature.0.clone(),
    };
    webauthn::verify_assertion(
        crypto,
        &webauthn::RelyingParty { id: &party.id, origins: &party.origins },
        &authenticator.credential_id,
        &authenticator.credential_key,
        &assertion,
        digest,
    )
    .map(|confirmed| SignCount { count: confirmed.sign_count, document: *digest })
    .map_err(|_| Rejection::UserVerificationRequired)
}

fn code_wrap(request: &ApproveSession) -> Result<Vec<u8>, Rejection> {
    let wrap = &request.code_wrap.0;
    let fits = !wrap.is_empty() && wrap.len() <= WRAP_BYTES_MAX;
    if fits { Ok(wrap.clone()) } else { Err(Rejection::InvalidRequest) }
}

fn terms(selection: &Selection, offer: &OfferDocument) -> Terms {
    Terms {
        purpose: selection.purpose.clone(),
        frequency: selection.frequency,
        data_life_seconds: selection.data_life_seconds,
        delivery: selection.delivery,
        covers_future: offer.covers_future,
        expires: selection.expires,
    }
}

fn stored_selection(selection: &str, assertion: &WebAuthnAssertion) -> Result<Vec<u8>, Rejection> {
    record::encode(&StoredSelection {
        selection: selection.to_owned(),
        credential_id: assertion.credential_id.0.clone(),
        client_data: assertion.client_data.0.clone(),
        authenticator_data: assertion.authenticator_data.0.clone(),
        signature: assertion.signature.0.clone(),
    })
    .map_err(|_| Rejection::InvalidRequest)
}

//! The reverse start: the wallet shows a code, a terminal starts a session with it, and the
//! wallet goes on as if it had scanned that session's own code.

use super::{SessionLink, Wallet};
use crate::http3::Request;
use crate::{ClientError, ambient, event_view};
use std::time::Duration;
use symbolon_domain::Timestamp;
use symbolon_domain::api::device::LoginHint;
use symbolon_domain::api::event::EventBody;
use symbolon_domain::entity::device::HINT_LIFE;
use symbolon_domain::secret::SecretText;

/// A code to show: `https://{wallet host}/h#{hint}`.
#[derive(Clone, Debug)]
pub struct ShownCode {
    /// What the QR code holds.
    pub link: SecretText,
    /// Until when a terminal can start a session with it.
    pub expires: Timestamp,
}

impl Wallet {
    /// Gets a code to show a terminal. It starts one session, for this device alone.
    ///
    /// # Errors
    /// What the node refuses: four codes are live at most.
    pub async fn show_code(&self) -> Result<ShownCode, ClientError> {
        let given: LoginHint = self.send(Request::post("/v1/hints").keyed()?).await?.json()?;
        let origin = &self.state.cluster.wallet_origin;
        let link = SecretText::new(format!("{origin}/h#{}", given.hint.expose()));
        Ok(ShownCode { link, expires: given.expires })
    }

    /// Waits until a terminal has started a session with a code that this device shows; none
    /// when the code's time is over.
    ///
    /// # Errors
    /// What the node refuses.
    pub async fn invitation(&self, code: &ShownCode) -> Result<Option<SessionLink>, ClientError> {
        let left = code.expires.0.saturating_sub(ambient::now().0);
        // An invitation that came at the last moment is still on its way.
        let left = Duration::from_millis(left) + Duration::from_secs(2);
        match tokio::time::timeout(left, self.invited(code)).await {
            Ok(link) => link.map(Some),
            Err(_) => Ok(None),
        }
    }

    async fn invited(&self, code: &ShownCode) -> Result<SessionLink, ClientError> {
        // A stream begins a little in the past: what came before this code is not its own.
        let life = u64::try_from(HINT_LIFE.as_millis()).unwrap_or_default();
        let shown = Timestamp(code.expires.0.saturating_sub(life));
        let mut events = self.follow(None).await?;
        loop {
            let view = event_view(&events.next().await?)?;
            match view.body {
                EventBody::Invited { device, session, thumbprint }
                    if device == self.state.device && view.at >= shown =>
                {
                    let wrong = |_| ClientError::Answer("a thumbprint is not 16 bytes".into());
                    return Ok(SessionLink {
                        origin: self.state.cluster.wallet_origin.clone(),
                        session,
                        thumbprint: thumbprint.0.try_into().map_err(wrong)?,
                    });
                }
                _ => {}
            }
        }
    }
}

//! After a read's act: what the access token opens. With delivery `institution` that is a
//! secret still sealed to the institution; with delivery `server` it is the item.

use super::Prepare;
use symbolon_domain::act::read::{Lent, ReadReply};
use symbolon_domain::bytes::Digest;
use symbolon_domain::crypto::item::{self, Item};
use symbolon_domain::crypto::key_tree::{ContentSecret, EpochSecret};
use symbolon_domain::crypto::object::Header;
use symbolon_domain::crypto::token::Token;
use symbolon_domain::crypto::wrap::{self, Context, Wrap, token_wrap_key};
use symbolon_domain::entity::grant::Delivery;
use symbolon_domain::secret::Secret;
use symbolon_domain::{Id, Path};

/// What a read hands out for one item.
#[derive(Debug)]
pub enum Opened {
    /// The item's secret, sealed to the institution's HPKE key; it opens the object itself.
    Sealed(Vec<u8>),
    /// The item.
    Plain(Box<Item>),
}

/// What was stored does not open: somebody has changed it, or a wallet sealed nonsense.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("what is stored for this item does not open: it is not what the person's device sealed")]
pub struct OpenFault;

impl Prepare {
    /// The grant key of a read's answer: unwrapped with the access token.
    ///
    /// # Errors
    /// When the wrap is not for this token.
    pub fn grant_key(
        &self,
        reply: &ReadReply,
        access: &Token,
        grant: Id,
        client: Id,
    ) -> Result<Secret<32>, OpenFault> {
        let key = token_wrap_key(access, grant, client).map_err(|_| OpenFault)?;
        let wrapped = reply.wrap.as_ref().ok_or(OpenFault)?;
        self.unwrap_grant_key(&key, grant, client, wrapped).ok_or(OpenFault)
    }

    /// Opens one value as far as its delivery allows. `object` is its ciphertext.
    ///
    /// # Errors
    /// When wrap or object are not what they should be.
    pub fn open(
        &self,
        reply: &ReadReply,
        grant_key: &Secret<32>,
        grant: Id,
        lent: &Lent,
        object: &[u8],
    ) -> Result<Opened, OpenFault> {
        let path: Path = lent.granted.path.parse().map_err(|_| OpenFault)?;
        let which = if reply.covers_future {
            wrap::Lent::Epoch(lent.granted.epoch)
        } else {
            wrap::Lent::Version(lent.granted.object)
        };
        let context = Context::item(grant, &path, &lent.granted.item, which);
        let wrapped = Wrap::from_bytes(lent.wrap.clone());
        if reply.delivery == Delivery::Institution {
            let sealed = wrap::unwrap(&*self.crypto, grant_key, &context, &wrapped);
            return Ok(Opened::Sealed(sealed.map_err(|_| OpenFault)?.to_vec()));
        }
        if Digest::of(object) != lent.stored.digest {
            return Err(OpenFault);
        }
        let secret = wrap::unwrap_key(&*self.crypto, grant_key, &context, &wrapped)
            .map_err(|_| OpenFault)?;
        let content = match which {
            wrap::Lent::Version(_) => ContentSecret::new(secret),
            wrap::Lent::Epoch(_) => {
                let header = Header::parse(object).map_err(|_| OpenFault)?;
                EpochSecret::new(secret).content_secret(&lent.granted.item, &header.salt)
            }
        };
        let item = item::open(&*self.crypto, &content, &lent.object, &path, object);
        item.map(|item| Opened::Plain(Box::new(item))).map_err(|_| OpenFault)
    }
}

//! Reading what was granted, and opening it: with delivery `institution` nobody on the way
//! could; with delivery `server` the node did.

use super::{Institution, InstitutionKeys};
use crate::http3::Request;
use crate::{ClientError, ambient};
use http::header;
use symbolon_domain::Path;
use symbolon_domain::act::read::ItemStatus;
use symbolon_domain::api::partner::{
    GrantView, ItemValue, ReadAnswer, ReadAnswerItem, ReadRequest,
};
use symbolon_domain::bytes::Digest;
use symbolon_domain::crypto::hpke::{self, Purpose};
use symbolon_domain::crypto::key_tree::{ContentSecret, EpochSecret};
use symbolon_domain::crypto::object::{Header, ObjectId};
use symbolon_domain::crypto::wrap::{Context, Lent};
use symbolon_domain::crypto::{RustCrypto, item};
use symbolon_domain::secret::{Secret, SecretText};
use symbolon_domain::{Id, Timestamp};

/// Most bytes of one value behind a link.
const LINK_BYTES_MAX: usize = 256 << 20;

/// What a read gave.
#[derive(Clone, Debug)]
pub struct Reading {
    /// One per path, in their order.
    pub items: Vec<ReadItem>,
    /// When the use was counted.
    pub at: Timestamp,
    /// Uses so far.
    pub uses: u32,
    /// The chain's head: compare it with the person's.
    pub chain: Digest,
}

/// One path of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadItem {
    /// The path.
    pub path: Path,
    /// What became of it.
    pub status: ItemStatus,
    /// The version given, where there is a value.
    pub version: Option<u64>,
    /// The value's media type.
    pub media_type: Option<String>,
    /// The value, opened.
    pub value: Option<Vec<u8>>,
}

impl Institution {
    /// Reads these paths of a grant, once. Values are opened and checked here.
    ///
    /// # Errors
    /// What the node refuses, and [`ClientError::Untrusted`] for a value that does not open.
    pub async fn read(
        &self,
        grant: Id,
        access_token: &SecretText,
        paths: &[Path],
    ) -> Result<Reading, ClientError> {
        self.read_as(ambient::random()?, grant, access_token, paths).await
    }

    /// Likewise under a given id: the same id again is the same use.
    ///
    /// # Errors
    /// As [`Institution::read`].
    pub async fn read_as(
        &self,
        read: [u8; 16],
        grant: Id,
        access_token: &SecretText,
        paths: &[Path],
    ) -> Result<Reading, ClientError> {
        let view = self.grant(grant).await?;
        let answer = self.read_sealed(read, grant, access_token, paths).await?;
        let mut items = Vec::with_capacity(answer.items.len());
        for item in answer.items {
            items.push(self.open_item(&view, access_token, item).await?);
        }
        Ok(Reading { items, at: answer.at, uses: answer.uses, chain: answer.chain })
    }

    /// The answer to a read as the node gave it, still sealed.
    ///
    /// # Errors
    /// What the node refuses.
    pub async fn read_sealed(
        &self,
        read: [u8; 16],
        grant: Id,
        access_token: &SecretText,
        paths: &[Path],
    ) -> Result<ReadAnswer, ClientError> {
        let paths = paths.iter().map(ToString::to_string).collect();
        let body = ReadRequest { read: read.to_vec().into(), paths };
        let request = Request::post(format!("/v1/grants/{grant}/reads")).json(&body)?;
        self.send(bearer(request, access_token)?).await?.json()
    }

    /// Opens a value of [`Institution::read_sealed`]; see [`InstitutionKeys::open_value`].
    ///
    /// # Errors
    /// [`ClientError::Untrusted`] when anything of it was changed.
    pub fn open_value(
        &self,
        grant: &GrantView,
        path: &Path,
        value: &ItemValue,
    ) -> Result<item::Item, ClientError> {
        self.keys.open_value(&self.issuer, grant, path, value)
    }

    /// Opens one item of an answer.
    ///
    /// # Errors
    /// [`ClientError::Untrusted`] when it is not what the person's device sealed.
    pub async fn open_item(
        &self,
        grant: &GrantView,
        access_token: &SecretText,
        item: ReadAnswerItem,
    ) -> Result<ReadItem, ClientError> {
        let path: Path = item
            .path
            .parse()
            .map_err(|_| ClientError::Answer(format!("{} is no path", item.path)))?;
        let Some(mut value) = item.value else {
            let status = item.status;
            return Ok(ReadItem { path, status, version: None, media_type: None, value: None });
        };
        if let Some(link) = value.link.take() {
            let mut request = bearer(Request::get(link), access_token)?;
            request.bytes_max = LINK_BYTES_MAX;
            let bytes = self.send(request).await?.ok()?.body.to_vec();
            let slot = if value.sealed_secret.is_some() {
                &mut value.object
            } else {
                &mut value.plaintext
            };
            *slot = Some(bytes.into());
        }
        let version = Some(value.version);
        let (media_type, bytes) = match value.plaintext.take() {
            Some(plaintext) => (value.media_type, plaintext.0),
            None => {
                let opened = self.keys.open_value(&self.issuer, grant, &path, &value)?;
                (Some(opened.metadata.media_type), opened.value)
            }
        };
        Ok(ReadItem { path, status: item.status, version, media_type, value: Some(bytes) })
    }
}

impl InstitutionKeys {
    /// Opens a value with delivery `institution`: unseals its secret, opens the object, and
    /// compares the path within with the one that was granted.
    ///
    /// # Errors
    /// [`ClientError::Untrusted`] when anything of it was changed, or is of another grant.
    pub fn open_value(
        &self,
        issuer: &str,
        grant: &GrantView,
        path: &Path,
        value: &ItemValue,
    ) -> Result<item::Item, ClientError> {
        let (sealed, object) =
            value.sealed_secret.as_ref().zip(value.object.as_ref()).ok_or_else(|| {
                ClientError::Answer(format!("{path} comes without its secret or its object"))
            })?;
        let object_id: ObjectId = value
            .object_id
            .0
            .as_slice()
            .try_into()
            .map_err(|_| ClientError::Answer(format!("{path} names no object")))?;
        if Digest::of(&object.0) != value.digest {
            return Err(ClientError::untrusted(format!("the object of {path} was changed")));
        }
        let header = Header::parse(&object.0)?;
        let lent =
            if grant.covers_future { Lent::Epoch(header.epoch) } else { Lent::Version(object_id) };
        let context = Context::item(grant.id, path, &value.item, lent);
        let info = hpke::info(&grant.statement_hash, Purpose::Item, issuer, self.id, grant.session);
        let secret = hpke::open(self.hpke_key(), &info, context.as_bytes(), &sealed.0)
            .ok()
            .and_then(|secret| secret.as_slice().try_into().ok().map(Secret::new))
            .ok_or_else(|| {
                ClientError::untrusted(format!("the secret of {path} was not sealed to us"))
            })?;
        let content = if grant.covers_future {
            EpochSecret::new(secret).content_secret(&value.item, &header.salt)
        } else {
            ContentSecret::new(secret)
        };
        Ok(item::open(&RustCrypto, &content, &object_id, path, &object.0)?)
    }
}

fn bearer(request: Request, token: &SecretText) -> Result<Request, ClientError> {
    request.header(header::AUTHORIZATION, &format!("Bearer {}", token.expose()))
}

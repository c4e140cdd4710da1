//! Token requests: the grant key is unwrapped with what the client brought and wrapped for
//! the tokens it will get.

use super::{Prepare, Refusal};
use symbolon_domain::act::read::Read;
use symbolon_domain::act::redeem::{NewToken, Redeem, Refresh};
use symbolon_domain::bytes::Digest;
use symbolon_domain::crypto::code::Code;
use symbolon_domain::crypto::token::{Token, TokenClass};
use symbolon_domain::crypto::wrap::{self, Context, Wrap, code_wrap_key, token_wrap_key};
use symbolon_domain::entity::Command;
use symbolon_domain::entity::grant::{self, Grant, GrantWrap, GrantedItem};
use symbolon_domain::entity::token::{self, Credential};
use symbolon_domain::key::{self, Row};
use symbolon_domain::port::{Stage, StoreFault, Verdict};
use symbolon_domain::secret::Secret;
use symbolon_domain::{Id, Rejection, record};

/// A token request with a code.
#[derive(Debug)]
pub struct CodeRequest<'a> {
    /// The client, by its certificate.
    pub client: Id,
    /// The client certificate's thumbprint.
    pub certificate: Digest,
    /// `handle.half`.
    pub code: &'a str,
    /// The PKCE verifier.
    pub verifier: &'a str,
    /// The redirect URI, if one was given.
    pub redirect_uri: Option<String>,
}

/// A token request with a refresh token.
#[derive(Debug)]
pub struct RefreshRequest<'a> {
    /// The client, by its certificate.
    pub client: Id,
    /// The client certificate's thumbprint.
    pub certificate: Digest,
    /// The refresh token.
    pub refresh_token: &'a str,
}

/// A token request ready for its act, with the tokens that its answer will carry.
#[derive(Debug)]
pub struct Issued {
    /// The code or refresh token that leads the act.
    pub target: Id,
    /// What it is told.
    pub command: Command,
    /// The access token.
    pub access: Token,
    /// The refresh token, should the act issue it.
    pub refresh: Option<Token>,
}

impl Prepare {
    /// Prepares the redemption of a code.
    ///
    /// # Errors
    /// [`Rejection::InvalidGrant`] when there is no such code, or the store's fault. A code
    /// that was used goes on to its act, which tells a retry from a replay.
    pub async fn redeem(&self, request: &CodeRequest<'_>) -> Result<Issued, Refusal> {
        let code = Code::parse(request.code).map_err(|_| Rejection::InvalidGrant)?;
        let target = code.handle.id();
        let (grant_id, grant) = self.grant_of(target, request.client).await?;
        let wrapped: Option<GrantWrap> = self.record(grant_id, &Row::GrantWrap(target)).await?;
        let grant_key = wrapped.and_then(|wrapped| {
            let key = code_wrap_key(&code.half, grant_id, request.client);
            self.unwrap_grant_key(&key, grant_id, request.client, &wrapped)
        });
        let region = grant_id.region;
        let access = Token::new(TokenClass::Access, region, &self.entropy.bytes());
        let refresh = Token::new(TokenClass::Refresh, region, &self.entropy.bytes());
        let new =
            |token: &Token| self.new_token(token, grant_id, request.client, grant_key.as_ref());
        let redeem = Redeem {
            hash: code.handle.hash(),
            challenge: Digest::of(request.verifier.as_bytes()),
            redirect_uri: request.redirect_uri.clone(),
            certificate: request.certificate,
            half_fits: grant_key.is_some(),
            access: new(&access)?,
            refresh: new(&refresh)?,
            verdict: self.judge_all(Stage::Redeem, grant_id, &grant).await?,
        };
        Ok(Issued {
            target,
            command: token::Command::Redeem(Box::new(redeem)).into(),
            access,
            refresh: Some(refresh),
        })
    }

    /// Prepares a refresh.
    ///
    /// # Errors
    /// [`Rejection::InvalidGrant`], or the store's fault.
    pub async fn refresh(&self, request: &RefreshRequest<'_>) -> Result<Issued, Refusal> {
        let presented = Token::parse(TokenClass::Refresh, request.refresh_token)
            .map_err(|_| Rejection::InvalidGrant)?;
        let target = presented.id();
        let (grant_id, grant) = self.grant_of(target, request.client).await?;
        // What was revoked has no wrap; the act says so in its own words.
        let wrapped: Option<GrantWrap> = self.record(grant_id, &Row::GrantWrap(target)).await?;
        let key = token_wrap_key(&presented, grant_id, request.client)
            .map_err(|_| Rejection::InvalidGrant)?;
        let grant_key = wrapped
            .and_then(|wrapped| self.unwrap_grant_key(&key, grant_id, request.client, &wrapped));
        if grant_key.is_none() {
            grant.live(self.clock.now())?;
            return Err(Rejection::InvalidGrant.into());
        }
        let access = Token::new(TokenClass::Access, grant_id.region, &self.entropy.bytes());
        let refresh = Refresh {
            hash: presented.hash(),
            certificate: request.certificate,
            access: self.new_token(&access, grant_id, request.client, grant_key.as_ref())?,
            verdict: self.judge_all(Stage::Redeem, grant_id, &grant).await?,
        };
        Ok(Issued {
            target,
            command: token::Command::Refresh(Box::new(refresh)).into(),
            access,
            refresh: None,
        })
    }

    /// Prepares a read with this access token.
    ///
    /// # Errors
    /// [`Rejection::InvalidToken`] when it is no access token or of another grant.
    pub async fn read(
        &self,
        grant_id: Id,
        access: &Token,
        certificate: Digest,
        read: [u8; 16],
        paths: Vec<String>,
    ) -> Result<Command, Refusal> {
        if access.class() != TokenClass::Access {
            return Err(Rejection::InvalidToken.into());
        }
        let grant: Grant = self.head(grant_id).await?;
        let verdict = self.judge_grant(Stage::Read, &grant, &paths).await?;
        let read = Read {
            read,
            token: access.id(),
            token_hash: access.hash(),
            certificate,
            paths,
            verdict,
        };
        Ok(grant::Command::Read(Box::new(read)).into())
    }

    // The grant that a code or refresh token opens, if it is this client's.
    async fn grant_of(&self, token: Id, client: Id) -> Result<(Id, Grant), Refusal> {
        let not_there = |refusal| match refusal {
            Refusal::Rejected(_) => Refusal::Rejected(Rejection::InvalidGrant),
            fault @ Refusal::Fault(_) => fault,
        };
        let token: token::Token = self.head(token).await.map_err(not_there)?;
        let grant_id = token.grant.filter(|_| token.owner == client);
        let grant_id = grant_id.ok_or(Rejection::InvalidGrant)?;
        let grant = self.head(grant_id).await.map_err(not_there)?;
        Ok((grant_id, grant))
    }

    async fn judge_all(
        &self,
        stage: Stage,
        grant_id: Id,
        grant: &Grant,
    ) -> Result<Verdict, Refusal> {
        let rows = (0..grant.items).map(|number| key::row(grant_id, &Row::GrantItem(number)));
        let items = self.store.get_many(&rows.collect::<Vec<_>>()).await?;
        let paths: Result<Vec<_>, _> = items
            .into_iter()
            .flatten()
            .map(|item| record::decode(&item).map(|item: GrantedItem| item.path))
            .collect();
        let paths = paths
            .map_err(|error| StoreFault::Corrupt(format!("the items of {grant_id}: {error}")))?;
        self.judge_grant(stage, grant, &paths).await
    }

    pub(super) fn unwrap_grant_key(
        &self,
        key: &Secret<32>,
        grant: Id,
        client: Id,
        wrapped: &GrantWrap,
    ) -> Option<Secret<32>> {
        let wrapped = Wrap::from_bytes(wrapped.wrapped.clone());
        wrap::unwrap_key(&*self.crypto, key, &Context::grant_key(grant, client), &wrapped).ok()
    }

    // Without a grant key the act will refuse; its wrap then holds nothing.
    fn new_token(
        &self,
        token: &Token,
        grant: Id,
        client: Id,
        grant_key: Option<&Secret<32>>,
    ) -> Result<NewToken, Rejection> {
        let wrapped = match grant_key {
            Some(grant_key) => {
                let key =
                    token_wrap_key(token, grant, client).map_err(|_| Rejection::InvalidGrant)?;
                let context = Context::grant_key(grant, client);
                let wrapped = wrap::wrap(&*self.crypto, &key, &context, grant_key.expose());
                wrapped.map_err(|_| Rejection::InvalidGrant)?.as_bytes().to_vec()
            }
            None => Vec::new(),
        };
        Ok(NewToken {
            credential: Credential { id: token.id(), hash: token.hash() },
            wrap: GrantWrap { wrapped },
        })
    }
}

//! What must be refused. Each is really tried, against the running node.

use super::cast::{Cast, path};
use super::exchange::{Given, approve, browse, give, request};
use super::teller::Teller;
use crate::cli::Failure;
use symbolon_client::ClientError;
use symbolon_client::ambient;
use symbolon_client::wallet::SessionLink;
use symbolon_domain::Path;
use symbolon_domain::act::read::ItemStatus;
use symbolon_domain::api::SessionView;
use symbolon_domain::api::front_end::OpenSession;
use symbolon_domain::api::partner::ItemValue;
use symbolon_domain::bytes::Digest;
use symbolon_domain::crypto::code::Code;
use symbolon_domain::entity::grant::Delivery;
use symbolon_domain::entity::session::ResponseMode;
use symbolon_domain::oauth::pkce::Verifier;

/// Tries it all.
pub(super) async fn run(cast: &mut Cast, teller: &mut Teller) -> Result<(), Failure> {
    teller.chapter("What must be refused");
    at_the_counter(cast, teller).await?;
    requests(cast, teller).await?;
    codes(cast, teller).await?;
    reads(cast, teller).await?;
    changed_objects(cast, teller).await?;
    revoked(cast, teller).await?;
    gone(cast, teller).await
}

async fn shown(cast: &Cast) -> Result<SessionLink, ClientError> {
    let asked = request(cast, ResponseMode::Session, Delivery::Institution);
    let pushed = cast.bank.push(&asked).await?;
    cast.counter.open_session(&OpenSession::request(&pushed.request_uri)).await?.link.parse()
}

async fn at_the_counter(cast: &mut Cast, teller: &mut Teller) -> Result<(), Failure> {
    let link = shown(cast).await?;
    let forged = SessionLink { thumbprint: [7; 16], ..link.clone() };
    let scanned = cast.alice.scan(&forged).await;
    teller.refused("a code with another statement's thumbprint", scanned, &["refused_here"]);
    let elsewhere = SessionLink { origin: "https://evil.example".into(), ..link.clone() };
    let scanned = cast.alice.scan(&elsewhere).await;
    teller.refused("a code that points to another cluster", scanned, &["refused_here"]);

    cast.alice.scan(&link).await?;
    let claimed: SessionView = cast.alice.claim(link.session).await?;
    let second = cast.mallory.claim(link.session).await;
    teller.refused("a second device claiming the session", second, &["session_claimed"]);
    let early = cast.alice.asked(link.session).await;
    teller.refused("the offer before the number was typed", early, &["number_required"]);
    let right: u8 = claimed.number.unwrap_or_default().parse().unwrap_or_default();
    let wrong = format!("{:02}", (right + 1) % 100);
    let typed = cast.counter.type_number(link.session, &wrong).await;
    teller.refused("a wrong number at the counter", typed, &["wrong_number"]);
    let again = cast.counter.type_number(link.session, &format!("{right:02}")).await;
    teller.refused("the right number afterwards", again, &["session_ended", "wrong_number"]);
    Ok(())
}

async fn requests(cast: &mut Cast, teller: &mut Teller) -> Result<(), Failure> {
    let mut asked = request(cast, ResponseMode::Session, Delivery::Institution);
    asked.paths = Some(vec![path("oidc.name")?, path("oidc.website")?]);
    let pushed = cast.bank.push(&asked).await;
    let codes = ["invalid_authorization_details"];
    teller.refused("a request for a path that is not in the offer", pushed, &codes);
    let asked = request(cast, ResponseMode::Session, Delivery::Institution);
    let pushed = cast.shop.push(&asked).await;
    let codes = ["invalid_authorization_details", "unauthorized_client"];
    teller.refused("a request by the shop with the bank's offer", pushed, &codes);
    let pushed = cast.bank.push(&asked).await?;
    let opened = cast.web.send(&browse(cast, &pushed.request_uri)).await?;
    let held = opened.status.is_client_error() && opened.location().is_none();
    teller.refused_if(held, "a counter's request opened in a browser", opened.status.as_str());
    Ok(())
}

async fn codes(cast: &mut Cast, teller: &mut Teller) -> Result<(), Failure> {
    let approved = approve(cast, None, ResponseMode::Scan, Delivery::Institution).await?;
    let (code, verifier) = (&approved.code, &approved.pushed.verifier);
    let stolen = cast.shop.redeem(code, verifier, None).await;
    teller.refused("the bank's code redeemed by the shop", stolen, &["invalid_grant"]);
    let other = Verifier::new(&ambient::secret()?);
    let guessed = cast.bank.redeem(code, &other, None).await;
    teller.refused("a code with another PKCE verifier", guessed, &["invalid_grant"]);
    let half = Code { half: ambient::secret()?, ..code.clone() };
    let guessed = cast.bank.redeem(&half, verifier, None).await;
    teller.refused("a code with another second half", guessed, &["invalid_grant"]);
    let tokens = cast.bank.redeem(code, verifier, None).await?;
    teller.step("bank", "redeemed the same code all the same: nobody else could consume it");
    let again = cast.bank.redeem(code, verifier, None).await;
    teller.refused("a code redeemed twice", again, &["invalid_grant"]);
    let given = Given { grant: approved.grant, tokens, ticked: approved.ticked };
    let made_up = cast.shop.introspect(&given.tokens.access_token).await?;
    let held = !made_up.active && made_up.client_id.is_none();
    teller.refused_if(held, "the bank's token introspected by the shop", "active: false");
    let token = &given.tokens.access_token;
    let read = cast.shop.read_sealed(ambient::random()?, given.grant, token, &given.ticked).await;
    let codes = ["not_found", "invalid_token"];
    teller.refused("the bank's token under the shop's certificate", read, &codes);
    Ok(())
}

async fn reads(cast: &mut Cast, teller: &mut Teller) -> Result<(), Failure> {
    let given = give(cast, None, ResponseMode::Scan, Delivery::Institution).await?;
    let wanted = [path("oidc.name")?, path("oidc.phone_number")?, path("oidc.website")?];
    let read = cast.bank.read(given.grant, &given.tokens.access_token, &wanted).await?;
    let status = |text: &str| {
        let item = read.items.iter().find(|item| item.path.as_str() == text);
        item.map(|item| (item.status, item.value.is_some()))
    };
    let none = Some((ItemStatus::NotGranted, false));
    let unticked =
        status("oidc.phone_number") == none && status("oidc.name") == Some((ItemStatus::Ok, true));
    teller.refused_if(unticked, "an item that alice did not tick", "not_granted");
    let held = status("oidc.website") == none;
    teller.refused_if(held, "an item that was never offered", "not_granted");
    Ok(())
}

// A byte of what comes from the node is changed; who holds the key notices.
async fn changed_objects(cast: &mut Cast, teller: &mut Teller) -> Result<(), Failure> {
    let given = give(cast, None, ResponseMode::Scan, Delivery::Institution).await?;
    let wanted = [path("oidc.name")?, path("oidc.birthdate")?];
    let token = &given.tokens.access_token;
    let answer = cast.bank.read_sealed(ambient::random()?, given.grant, token, &wanted).await?;
    let view = cast.bank.grant(given.grant).await?;
    let values: Vec<ItemValue> = answer.items.into_iter().filter_map(|item| item.value).collect();
    let [name, birthdate] = values.as_slice() else {
        return Err(Failure::new("the read gave no values"));
    };
    let open = |path: &Path, value: &ItemValue| cast.bank.open_value(&view, path, value);
    let [name_path, birthdate_path] = &wanted;
    teller.demand(open(name_path, name).is_ok(), "bank", "opens the object as it came");

    let flipped = flip(name, |object| object.last_mut(), true);
    let opened = open(name_path, &flipped);
    teller.refused("an object with a byte of its ciphertext changed", opened, &["refused_here"]);
    let flipped = flip(name, |object| object.get_mut(20), true);
    let opened = open(name_path, &flipped);
    teller.refused("an object with a byte of its header changed", opened, &["refused_here"]);
    let flipped = flip(name, |object| object.last_mut(), false);
    let opened = open(name_path, &flipped);
    teller.refused("an object that is not the digest's", opened, &["refused_here"]);
    let swapped = open(birthdate_path, name);
    teller.refused("another item of the same grant in its place", swapped, &["refused_here"]);
    let mixed = ItemValue { sealed_secret: birthdate.sealed_secret.clone(), ..name.clone() };
    let opened = open(name_path, &mixed);
    teller.refused("an object with another item's secret", opened, &["refused_here"]);
    Ok(())
}

fn flip(
    value: &ItemValue,
    byte: impl Fn(&mut Vec<u8>) -> Option<&mut u8>,
    with_digest: bool,
) -> ItemValue {
    let mut value = value.clone();
    if let Some(object) = &mut value.object {
        if let Some(byte) = byte(&mut object.0) {
            *byte ^= 1;
        }
        if with_digest {
            value.digest = Digest::of(&object.0);
        }
    }
    value
}

async fn revoked(cast: &mut Cast, teller: &mut Teller) -> Result<(), Failure> {
    let given = give(cast, None, ResponseMode::Scan, Delivery::Institution).await?;
    let foreign = cast.mallory.pause(given.grant).await;
    teller.refused("alice's grant paused by mallory", foreign, &["not_found", "forbidden"]);
    cast.alice.revoke(given.grant).await?;
    let token = &given.tokens.access_token;
    let read = cast.bank.read(given.grant, token, &given.ticked).await?;
    let held =
        read.items.iter().all(|item| item.status == ItemStatus::Revoked && item.value.is_none());
    teller.refused_if(held, "a read under a revoked grant", "revoked");
    let told = cast.bank.introspect(token).await?;
    teller.refused_if(!told.active, "its token introspected", "active: false");
    if let Some(refresh) = &given.tokens.refresh_token {
        let refreshed = cast.bank.refresh(refresh).await;
        teller.refused("its refresh token", refreshed, &["invalid_grant"]);
    }
    let resumed = cast.alice.resume(given.grant).await;
    let codes = ["grant_revoked", "wrong_state"];
    teller.refused("a revoked grant resumed, even by alice", resumed, &codes);
    Ok(())
}

async fn gone(cast: &mut Cast, teller: &mut Teller) -> Result<(), Failure> {
    cast.mallory.delete_vault().await?;
    let after = cast.mallory.devices().await;
    let codes = ["vault_gone", "invalid_token", "not_found"];
    teller.refused("a vault that its owner deleted", after, &codes);
    Ok(())
}

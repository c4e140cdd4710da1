//! After the consent: refresh, a new version, pause, the uses, a second device, the export.

use super::cast::{Cast, path};
use super::exchange::give;
use super::stage::Stage;
use super::teller::Teller;
use crate::cli::Failure;
use crate::clock::SystemEntropy;
use crate::restore::Restoration;
use symbolon_client::institution::ReadItem;
use symbolon_client::wallet::{NewItem, Wallet};
use symbolon_domain::act::read::ItemStatus;
use symbolon_domain::entity::grant::{Delivery, GrantState};
use symbolon_domain::entity::session::ResponseMode;
use symbolon_store::{MemoryStore, dump};

/// Shows it all.
pub(super) async fn run(
    stage: &Stage,
    cast: &mut Cast,
    teller: &mut Teller,
) -> Result<(), Failure> {
    teller.chapter("Afterwards");
    versions(cast, teller).await?;
    pause(cast, teller).await?;
    second_device(cast, teller).await?;
    export(cast, teller).await?;
    backup(stage, cast, teller).await
}

fn new_email(text: &str) -> Result<NewItem, Failure> {
    let value = serde_json::to_vec(text)?;
    Ok(NewItem { path: path("oidc.email")?, media_type: "application/json".into(), value })
}

// A pinned grant goes on giving the version ticked; one that covers the future the new one.
async fn versions(cast: &mut Cast, teller: &mut Teller) -> Result<(), Failure> {
    let email = path("oidc.email")?;
    let pinned = give(cast, None, ResponseMode::Scan, Delivery::Institution).await?;
    let future = give(cast, None, ResponseMode::Scan, Delivery::Server).await?;
    cast.alice.put(vec![new_email("ada@new.example")?]).await?;
    teller.step("alice", "changed oidc.email: version 2, a new key, a new signed manifest");
    let wanted = [email.clone()];
    let read = cast.bank.read(pinned.grant, &pinned.tokens.access_token, &wanted).await?;
    let item = read.items.first();
    let held =
        item.is_some_and(|item| item.status == ItemStatus::Superseded && cast.is_as_stored(item));
    teller.demand(held, "bank", "read version 1 as ticked, told that it is superseded");
    let read = cast.bank.read(future.grant, &future.tokens.access_token, &wanted).await?;
    let is_new = |item: &ReadItem| item.value.as_deref() == Some(br#""ada@new.example""#);
    let held = read.items.first().is_some_and(is_new);
    teller.demand(held, "bank", "read version 2 under the grant that covers later versions");

    let refresh = pinned.tokens.refresh_token.as_ref();
    let refresh = refresh.ok_or_else(|| Failure::new("no refresh token came"))?;
    let fresh = cast.bank.refresh(refresh).await?;
    let read = cast.bank.read(pinned.grant, &fresh.access_token, &pinned.ticked).await?;
    let told = cast.bank.introspect(&fresh.access_token).await?;
    teller.demand(
        told.active && read.items.iter().all(|item| cast.is_as_stored(item)),
        "bank",
        "refreshed its access token, read again, introspected: active",
    );
    let uses = cast.alice.uses(pinned.grant).await?;
    let changed =
        uses.iter().any(|used| used.changed_since.iter().any(|path| path == "oidc.email"));
    let grant = cast.bank.grant(pinned.grant).await?;
    teller.demand(
        uses.len() == 3 && changed && grant.chain == read.chain,
        "alice",
        &format!("sees {} records in an unbroken chain: given, used, used", uses.len()),
    );
    let told = cast.bank.records(pinned.grant).await?;
    let same = told.iter().map(|record| &record.fact).eq(uses.iter().map(|used| &used.fact));
    let ends = told.last().is_some_and(|record| record.leaf == grant.chain);
    teller.demand(same && ends, "bank", "sees the same records, ending in the same leaf");
    let foreign = cast.shop.records(pinned.grant).await;
    teller.refused("the bank's records asked for by the shop", foreign, &["not_found"]);
    cast.alice.put(vec![new_email("ada@ada.example")?]).await?;
    Ok(())
}

async fn pause(cast: &mut Cast, teller: &mut Teller) -> Result<(), Failure> {
    let given = give(cast, None, ResponseMode::Scan, Delivery::Institution).await?;
    cast.alice.pause(given.grant).await?;
    let read = cast.bank.read(given.grant, &given.tokens.access_token, &given.ticked).await?;
    let none =
        read.items.iter().all(|item| item.status == ItemStatus::Paused && item.value.is_none());
    teller.demand(none, "alice", "paused a grant: the bank reads nothing, each item says paused");
    cast.alice.resume(given.grant).await?;
    let read = cast.bank.read(given.grant, &given.tokens.access_token, &given.ticked).await?;
    let all = read.items.iter().all(|item| cast.is_as_stored(item));
    teller.demand(all, "alice", "resumed it: the bank reads again");
    Ok(())
}

async fn second_device(cast: &mut Cast, teller: &mut Teller) -> Result<(), Failure> {
    let request = Wallet::request_device(&cast.web, &cast.folder, "Alice's tablet").await?;
    let approval = cast.alice.approve_device(&request)?;
    let mut tablet = Wallet::join(cast.web.clone(), cast.folder.clone(), approval).await?;
    let name = tablet.show(&path("oidc.name")?).await?;
    let same = tablet.items().count() == cast.alice.items().count();
    teller.demand(
        same && name.item.value == br#""Ada Lovelace""#,
        "tablet",
        "let in by alice's phone, has the same items and opens them",
    );
    tablet.put(vec![new_email("ada@tablet.example")?]).await?;
    cast.alice.put(vec![new_email("ada@ada.example")?]).await?;
    teller.step("alice", "stored after the tablet did: pulled its commit, rebased, committed");
    let device = tablet.state().device;
    cast.alice.revoke_device(device).await?;
    let refused = tablet.show(&path("oidc.name")?).await;
    teller.refused(
        "the tablet, once alice revoked it",
        refused,
        &["device_revoked", "invalid_token"],
    );
    Ok(())
}

async fn export(cast: &mut Cast, teller: &mut Teller) -> Result<(), Failure> {
    let mut body = cast.alice.export().await?;
    let mut all = Vec::new();
    while let Some(piece) = body.chunk().await? {
        all.extend_from_slice(&piece);
    }
    let lines = all.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).count();
    let leaks = all.windows(8).any(|window| window == b"Lovelace");
    teller.demand(
        lines > cast.alice.items().count() && !leaks,
        "alice",
        &format!("exported all that the node keeps: {lines} lines, nothing of it readable"),
    );
    Ok(())
}

// The store as a dump, restored elsewhere: what went back in time lends nothing by itself.
async fn backup(stage: &Stage, cast: &Cast, teller: &mut Teller) -> Result<(), Failure> {
    let report = stage.operator.check().await?;
    teller.demand(
        report.problems_count == 0,
        "operator",
        &format!("checked the running store: {} entries, all as they should be", report.entries),
    );
    let active = cast.bank.grants().await?.into_iter();
    let active = active.filter(|grant| grant.state == GrantState::Active).count();
    let mut body = stage.operator.backup().await?;
    let mut dumped = Vec::new();
    while let Some(piece) = body.chunk().await? {
        dumped.extend_from_slice(&piece);
    }
    let mut restoration = Restoration::default();
    let elsewhere = MemoryStore::new();
    let restored = dump::restore(&elsewhere, &SystemEntropy, dumped.as_slice(), |entry| {
        restoration.map(entry)
    });
    let summary = restored.await.map_err(|error| Failure::new(error.to_string()))?;
    teller.demand(
        restoration.paused == active as u64 && active > 0,
        "operator",
        &format!(
            "backed up {} entries and restored them elsewhere: all {active} active grants paused",
            summary.entries
        ),
    );
    Ok(())
}

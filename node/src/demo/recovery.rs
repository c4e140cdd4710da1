//! A lost phone: the recovery sheet lets a new one in, and nothing else does.

use super::cast::{Cast, path};
use super::stage::Stage;
use super::teller::Teller;
use crate::cli::Failure;
use symbolon_client::wallet::{TypedSheet, Wallet};
use symbolon_domain::api::event::EventBody;
use symbolon_domain::entity::device::Admission;

/// Shows it.
pub(super) async fn run(
    stage: &Stage,
    cast: &mut Cast,
    teller: &mut Teller,
) -> Result<(), Failure> {
    teller.chapter("A lost phone");
    let typed: TypedSheet = cast.sheet.words.expose().parse()?;
    let found = recover(stage, cast, "new-phone", &typed).await?;
    let name = found.show(&path("oidc.name")?).await?;
    let same = found.items().count() == cast.alice.items().count();
    teller.demand(
        same && name.item.value == br#""Ada Lovelace""#,
        "alice",
        "typed the 24 words into a new phone: it has the same items and opens them",
    );
    let device = found.state().device;
    let told = told_of(cast, |body| match body {
        EventBody::Device { device: joined, admitted, revoked, .. } => {
            *joined == device && *admitted == Admission::Recovery && !revoked
        }
        _ => false,
    });
    teller.demand(told.await?, "alice", "the old phone is told: let in by the recovery sheet");

    // A sheet of somebody else's vault: right words, wrong secret for this one.
    let stranger = format!("{}/recover#{}", origin(cast), "A".repeat(43));
    let wrong = recover(stage, cast, "thief", &stranger.parse()?).await;
    teller.refused("a recovery sheet that nobody was given", wrong, &["recovery_refused"]);
    let swapped = swapped(cast.sheet.words.expose());
    let mistyped = swapped.parse::<TypedSheet>();
    teller.refused_if(mistyped.is_err(), "two words of the sheet swapped", "checksum");
    let renewed = found.renew_sheet().await?;
    let before = recover(stage, cast, "thief", &typed).await;
    teller.refused("the old sheet, once it was renewed", before, &["recovery_refused"]);
    let again = recover(stage, cast, "newer-phone", &renewed.link.expose().parse()?).await?;
    teller.step("alice", "scanned the new sheet with another phone: it is let in");
    for device in [device, again.state().device] {
        cast.alice.revoke_device(device).await?;
    }
    Ok(())
}

async fn recover(
    stage: &Stage,
    cast: &Cast,
    folder: &str,
    sheet: &TypedSheet,
) -> Result<Wallet, symbolon_client::ClientError> {
    Wallet::recover(cast.web.clone(), stage.folder(folder), "Alice's new phone", sheet).await
}

fn origin(cast: &Cast) -> &str {
    &cast.alice.state().cluster.wallet_origin
}

fn swapped(words: &str) -> String {
    let mut words: Vec<&str> = words.split(' ').collect();
    let distinct = words.windows(2).position(|pair| pair.first() != pair.last());
    if let Some(at) = distinct {
        words.swap(at, at + 1);
    }
    words.join(" ")
}

// Whether one of the vault's events is this; they are there before the answer came.
async fn told_of(cast: &Cast, wanted: impl Fn(&EventBody) -> bool) -> Result<bool, Failure> {
    let mut events = cast.alice.follow(None).await?;
    let search = async {
        loop {
            if wanted(&symbolon_client::event_view(&events.next().await?)?.body) {
                return Ok::<bool, Failure>(true);
            }
        }
    };
    let limit = std::time::Duration::from_secs(20);
    tokio::time::timeout(limit, search).await.unwrap_or(Ok(false))
}

//! Who takes part: a bank with a counter, a shop, alice and mallory.

use super::offer::offer;
use super::stage::Stage;
use super::teller::Teller;
use crate::cli::Failure;
use std::collections::BTreeMap;
use std::sync::Arc;
use symbolon_client::ClientError;
use symbolon_client::folder::Folder;
use symbolon_client::front_end::FrontEnd;
use symbolon_client::http3::Http3;
use symbolon_client::institution::{Description, Institution, InstitutionKeys, ReadItem};
use symbolon_client::wallet::{Asked, NewItem, NewSheet, Wallet, items_of_document};
use symbolon_domain::Path;
use symbolon_domain::bytes::Digest;
use symbolon_domain::entity::grant::Delivery;

/// Where the bank's page takes codes.
pub(super) const REDIRECT_URI: &str = "https://bank.example/callback";
/// An item of this size comes behind a link.
const SCAN_BYTES: usize = 200_000;
/// The bank's DNS name, and the name of its folder.
pub(super) const BANK: &str = "bank.example";
const SHOP: &str = "shop.example";

/// Those who take part.
pub(super) struct Cast {
    pub(super) issuer: String,
    pub(super) web: Arc<Http3>,
    pub(super) bank: Institution,
    pub(super) shop: Institution,
    pub(super) counter: FrontEnd,
    pub(super) alice: Wallet,
    pub(super) sheet: NewSheet,
    pub(super) mallory: Wallet,
    pub(super) folder: Folder,
    offers: [(Delivery, Digest); 2],
    stored: BTreeMap<Path, Vec<u8>>,
}

impl Cast {
    /// Brings them on stage.
    pub(super) async fn assemble(stage: &Stage, teller: &mut Teller) -> Result<Self, Failure> {
        teller.chapter("Who takes part");
        let bank = institution(stage, "Example Bank", BANK).await?;
        teller.step("bank", &format!("introduced itself as {}; the operator approved", bank.id()));
        let shop = institution(stage, "Other Shop", SHOP).await?;
        teller.step("shop", &format!("introduced itself as {}; the operator approved", shop.id()));
        let mut offers = [(Delivery::Institution, Digest([0; 32])); 2];
        for (slot, delivery) in offers.iter_mut().zip([Delivery::Institution, Delivery::Server]) {
            let proposed = bank.propose(&offer(bank.id(), delivery)?).await?;
            stage.operator.judge_offer(proposed.id, "approve").await?;
            *slot = (delivery, proposed.hash);
        }
        teller.step("bank", "signed two offers, one for each delivery; the operator approved");
        let counter = counter(stage, &bank).await?;
        teller.step("counter", "enrolled with its one-time code: Counter 3, Main Street");

        let person: serde_json::Value = serde_json::from_str(include_str!("person.json"))?;
        let mut items = items_of_document(&person, None)?;
        items.push(NewItem {
            path: path("ida.verification.scan")?,
            media_type: "application/octet-stream".into(),
            value: (0..SCAN_BYTES).map(|byte| u8::try_from(byte % 251).unwrap_or(0)).collect(),
        });
        let stored = items.iter().map(|new| (new.path.clone(), new.value.clone())).collect();
        let (count, folder) = (items.len(), stage.folder("alice"));
        let (mut alice, sheet) =
            Wallet::create(stage.place.web()?, folder.clone(), "Alice's phone").await?;
        stage.place.save(&folder)?;
        teller.step(
            "alice",
            &format!("made {}, pinned the cluster's root, wrote a recovery sheet", alice.vault()),
        );
        alice.put(items).await?;
        let epoch = alice.state().manifest.epoch;
        teller.step(
            "alice",
            &format!("sealed and stored {count} items, signed the manifest (epoch {epoch})"),
        );
        let folder = stage.folder("mallory");
        let (mallory, _) =
            Wallet::create(stage.place.web()?, folder.clone(), "Another phone").await?;
        stage.place.save(&folder)?;
        teller.step("mallory", &format!("made {} of their own", mallory.vault()));
        Ok(Self {
            issuer: stage.place.issuer.clone(),
            web: stage.place.web()?,
            bank,
            shop,
            counter,
            alice,
            sheet,
            mallory,
            folder: stage.folder("tablet"),
            offers,
            stored,
        })
    }

    /// The hash of the offer with this delivery.
    pub(super) fn offer(&self, delivery: Delivery) -> Digest {
        let found = self.offers.iter().find(|(own, _)| *own == delivery);
        found.map_or(Digest([0; 32]), |(_, hash)| *hash)
    }

    /// What alice ticks: all but two items that are not required.
    pub(super) fn ticks(&self, asked: &Asked) -> Vec<Path> {
        let left_out = ["oidc.gender", "oidc.phone_number"];
        let ticked = asked.items.iter().filter(|item| !left_out.contains(&item.path.as_str()));
        ticked.map(|item| item.path.clone()).collect()
    }

    /// Whether a value is what alice stored.
    pub(super) fn is_as_stored(&self, item: &ReadItem) -> bool {
        item.value.is_some() && item.value.as_ref() == self.stored.get(&item.path)
    }

    /// Says goodbye.
    pub(super) async fn leave(&self) {
        self.bank.http().close().await;
        self.shop.http().close().await;
        self.web.close().await;
    }
}

/// A path from a literal.
pub(super) fn path(text: &str) -> Result<Path, Failure> {
    text.parse().map_err(|_| Failure::new(format!("{text} is no path")))
}

async fn institution(stage: &Stage, name: &str, dns_name: &str) -> Result<Institution, Failure> {
    let folder = stage.folder(dns_name);
    stage.issue_certificate(dns_name, &folder)?;
    stage.place.save(&folder)?;
    let region = stage.place.region.parse().map_err(|_| Failure::new("no region"))?;
    let keys = InstitutionKeys::generate(region)?;
    folder.write(crate::cli::INSTITUTION_KEYS, &keys)?;
    let http = stage.place.partner(&folder)?;
    let institution = Institution::new(http, keys, stage.place.issuer.clone());
    institution
        .describe(&Description {
            name: name.into(),
            dns_name: dns_name.into(),
            redirect_uris: vec![REDIRECT_URI.into()],
            webhook: None,
        })
        .await?;
    stage.operator.judge_institution(institution.id(), "approve").await?;
    Ok(institution)
}

async fn counter(stage: &Stage, bank: &Institution) -> Result<FrontEnd, ClientError> {
    let invitation = bank.register_front_end("Counter 3", "Main Street", 8).await?;
    let folder = stage.folder("counter");
    let counter =
        FrontEnd::enrol(stage.place.web()?, invitation.front_end, invitation.enrolment_code)
            .await?;
    folder.write(crate::cli::FRONT_END, counter.state())?;
    folder.write(crate::cli::PLACE, &stage.place)?;
    Ok(counter)
}

//! The bank's offers: what a bank asks of somebody who opens an account, in the pages' languages.

use super::cast::path;
use crate::cli::Failure;
use std::collections::BTreeMap;
use std::time::Duration;
use symbolon_domain::Id;
use symbolon_domain::document::offer::{Necessity, Offer, OfferItem, Purpose};
use symbolon_domain::document::text::Texts;
use symbolon_domain::entity::grant::{Delivery, Frequency};

const DAY_SECONDS: u64 = 86_400;

/// An offer to begin with.
pub(crate) fn sample_offer(institution: Id) -> Result<Offer, Failure> {
    offer(institution, Delivery::Institution)
}

/// The bank's offer with this delivery.
pub(super) fn offer(institution: Id, delivery: Delivery) -> Result<Offer, Failure> {
    let title = match delivery {
        Delivery::Institution => texts("Open an account", "开立账户"),
        Delivery::Server => {
            texts("Open an account, with later changes", "开立账户，并包含以后的更改")
        }
    };
    Ok(Offer {
        institution,
        title,
        items: items()?,
        purpose: Purpose {
            code: "dpv:IdentityVerification".into(),
            text: texts(
                "To know who you are, as the law on money laundering demands",
                "按照反洗钱法的要求核实您的身份",
            ),
        },
        frequency: Frequency { uses_max: 50, period_seconds: None },
        data_life_seconds: Some(3_650 * DAY_SECONDS),
        grant_life_seconds: DAY_SECONDS,
        // Delivery `server` lends later versions too, so that the demo sees both.
        covers_future: delivery == Delivery::Server,
        delivery,
        use_statement: texts(
            "We open an account in your name and keep these data for ten years, as the law says.",
            "我们以您的名义开立账户，并依法将这些数据保存十年。",
        ),
        disclaimer: texts(
            "What was read cannot be taken back; further reading can.",
            "已读取的内容无法收回；今后的读取可以停止。",
        ),
        allowed_regions: Vec::new(),
        expires: symbolon_client::ambient::now().after(Duration::from_secs(30 * DAY_SECONDS)),
    })
}

// What everybody knows of themselves is needed; what only some have is not.
fn items() -> Result<Vec<OfferItem>, Failure> {
    let one_of = || Necessity::OneOf("contact".into());
    let items = [
        ("oidc.name", Necessity::Required),
        ("oidc.birthdate", Necessity::Required),
        ("oidc.email", one_of()),
        ("oidc.phone_number", one_of()),
        ("oidc.gender", Necessity::Optional),
        ("oidc.address.region", Necessity::Optional),
        ("ida.verification.trust_framework", Necessity::Optional),
        ("ida.verification.evidence", Necessity::Optional),
        ("ida.verification.scan", Necessity::Optional),
        ("ida.claims.nationalities", Necessity::Optional),
    ];
    let item = |(text, necessity)| Ok(OfferItem { path: path(text)?, necessity });
    items.into_iter().map(item).collect()
}

fn texts(english: &str, chinese: &str) -> Texts {
    let text = |(language, text): (&str, &str)| (language.to_owned(), text.to_owned());
    Texts(BTreeMap::from([("en", english), ("zh-Hans", chinese)].map(text)))
}

//! What was granted, as the token endpoint and introspection repeat it (RFC 9396 section 7).

use crate::http::problem::Answer;
use crate::http::state::App;
use crate::http::trouble::Trouble;
use symbolon_domain::Id;
use symbolon_domain::entity::grant::{Grant, GrantedItem};
use symbolon_domain::entity::offer::Offer;
use symbolon_domain::key::Row;
use symbolon_domain::oauth::authorization_details::{
    Action, ConsentGranted, ConsentType, ItemGranted, PurposeCode,
};

/// The consent of a grant.
///
/// # Errors
/// When the store fails.
pub async fn consent(app: &App, id: Id, grant: &Grant) -> Answer<ConsentGranted> {
    let offer: Offer = app.head_of(grant.offer).await?;
    let mut items = Vec::with_capacity(usize::from(grant.items));
    for number in 0..grant.items {
        let item: GrantedItem =
            app.row_as(id, &Row::GrantItem(number)).await?.ok_or(Trouble::StoreFailed)?;
        let path = item.path.parse().map_err(|_| Trouble::StoreFailed)?;
        items.push(ItemGranted { id: item.item, path });
    }
    let terms = &grant.terms;
    Ok(ConsentGranted {
        r#type: ConsentType::ConsentV1,
        grant: id,
        offer: offer.hash,
        actions: vec![Action::Read],
        items,
        purpose: PurposeCode { code: terms.purpose.clone() },
        frequency: terms.frequency,
        data_life_seconds: terms.data_life_seconds,
        delivery: terms.delivery,
        covers_future: terms.covers_future,
        expires: terms.expires,
    })
}

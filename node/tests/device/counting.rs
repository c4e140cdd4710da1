//! Authenticators that count, over the routes that ask for the person.

use super::site::{Node, Wallet};
use symbolon_domain::document::command::Action;

#[tokio::test]
async fn a_copied_authenticator_confirms_nothing() {
    let node = Node::start().await;
    let wallet = Wallet::enrolled(&node).await;
    let export = async |command: &_| wallet.post(&node, "/v1/vault/export", command).await.code();
    let counted = |count| wallet.counted(&node, Action::Export {}, count);
    // One that says 0 for ever is not asked to count.
    assert_eq!(
        (export(&counted(0)).await, export(&counted(0)).await),
        ("200".into(), "200".into())
    );
    let fifth = counted(5);
    assert_eq!(export(&fifth).await, "200");
    assert_eq!(export(&fifth).await, "200", "the same bytes again");
    for (count, what) in [(5, "it stood still"), (4, "it went back"), (0, "it forgot")] {
        assert_eq!(export(&counted(count)).await, "authenticator_copied", "{what}");
    }
    // Nothing of what it confirmed was done, wherever it is sent.
    let delete = wallet.counted(&node, Action::DeleteVault {}, 5);
    let deleted = wallet.post(&node, "/v1/vault/delete", &delete).await;
    assert_eq!((deleted.status.as_u16(), deleted.code()), (403, "authenticator_copied".into()));
    assert_eq!(deleted.json()["locus"], "subject");
    assert_eq!(export(&counted(6)).await, "200", "the right one goes on");
}

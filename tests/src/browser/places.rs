//! The places of the phone's page, each reached and looked over at night and in Chinese; what
//! is there can be changed, exported and deleted.

use super::chromium::{Looks, there};
use super::encounter::Encounter;
use super::stage::redeemed;
use serde_json::json;

#[test]
fn every_place_is_as_it_should_be() {
    if !there() {
        return;
    }
    let phone = Looks::PHONE.in_language("zh-CN").at_night();
    let encounter = Encounter::begin_with("places", phone);
    let phone = &encounter.phone;
    phone.press("[data-action=open-item][value=\"oidc.name\"]");
    phone.sees("item");
    phone.act("history");
    phone.sees("history");
    phone.act("back");
    phone.sees("item");
    phone.act("delete-item");
    phone.wait("a dialog", || phone.has("dialog[open]").then_some(()));
    phone.look_over_again("item-delete");
    phone.press("dialog [data-action=cancel]");
    phone.act("back");
    phone.sees("items");
    phone.act("scan");
    phone.sees("scan");
    phone.act("back");
    phone.sees("items");
    phone.act("tab-grants");
    phone.sees("grants");
    phone.act("tab-settings");
    phone.sees("settings");
    for (action, screen) in [
        ("open-devices", "devices"),
        ("open-sheet", "sheet-check"),
        ("open-export", "export"),
        ("open-about", "about"),
        ("open-show-code", "show-code"),
        ("open-delete-vault", "delete-vault"),
    ] {
        phone.act(action);
        phone.sees(screen);
        phone.was_told();
        phone.act("back");
        phone.sees("settings");
    }
    deletes_all(&encounter);
    encounter.is_quiet();
}

// Not by one tap: a word is typed, and the person confirms.
fn deletes_all(encounter: &Encounter) {
    let phone = &encounter.phone;
    phone.act("open-delete-vault");
    phone.sees("delete-vault");
    assert!(phone.has("[data-action=delete-vault][aria-disabled=true]"));
    phone.fill("input[name=word]", "删除");
    phone.act("delete-vault");
    phone.sees("deleted");
    phone.act("finish");
    phone.sees("welcome");
    phone.reload();
    phone.sees("welcome");
}

#[test]
fn what_was_read_and_changed_since_says_so() {
    if !there() {
        return;
    }
    let encounter = Encounter::begin("changed");
    let mut bank = encounter.stage.bank();
    let (link, redeem) = encounter.shows_a_code(&mut bank);
    encounter.comes_to_the_question(&link);
    encounter.lends();
    let grant = redeemed(redeem);
    let phone = &encounter.phone;
    let name = |bank: &super::stage::Bank<'_>| {
        let read = bank.reads(&grant);
        let found = read.into_iter().find(|(path, ..)| path == "oidc.name");
        found.map(|(_, status, value)| (status, value)).unwrap()
    };
    assert_eq!(name(&bank), ("ok".into(), json!("Ada Lovelace")));
    phone.act("finish");
    phone.sees("items");
    phone.press("[data-action=open-item][value=\"oidc.name\"]");
    phone.sees("item");
    phone.act("edit-item");
    phone.sees("edit");
    phone.types_an_item("oidc.name", "Ada King");
    phone.act("save-item");
    phone.sees("item");
    phone.reads("Ada King");
    // The version that was lent is what is lent.
    assert_eq!(name(&bank), ("superseded".into(), json!("Ada Lovelace")));
    phone.press("[data-action=open-grant]");
    phone.sees("grant");
    let since = "return document.querySelectorAll('[data-record=used] .since li').length";
    phone
        .wait("both reads with what changed", || (phone.eval(since, json!([])) == 2).then_some(()));
    phone.look_over_again("grant-changed");
    encounter.is_quiet();
}

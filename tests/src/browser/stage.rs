//! A node with a bank, its offer and its counter, and the browsers before it.

use super::chromium::{Browsers, Looks, Profile, Protocol};
use super::window::Window;
use crate::process::{Running, symbolon};
use crate::site::Site;
use serde_json::Value;

/// A node that people's browsers see.
pub(crate) struct Stage {
    // Browsers end before the node does.
    browsers: Browsers,
    pub(crate) site: Site,
    front_end: String,
    enrolment_code: String,
}

impl Stage {
    /// With a bank whose items only it can open.
    pub(crate) fn set(scenario: &'static str, protocol: Protocol) -> Self {
        // While the pages are changed: their bundle as it was built last.
        let pages = std::env::var("SYMBOLON_PAGES").map(|folder| format!("pages={folder}"));
        let settings: Vec<&str> = pages.iter().map(String::as_str).collect();
        let site = Site::start_with(&settings);
        site.institution("bank");
        site.offer("bank", "institution");
        let added = site.json("institution front-end add 'Counter 3' 'Main Street' --folder bank");
        let browsers = Browsers::start(&site, protocol, scenario);
        Self {
            browsers,
            site,
            front_end: text(&added["front_end"]),
            enrolment_code: text(&added["enrolment_code"]),
        }
    }

    /// A browser with nothing in it.
    pub(crate) fn window(&self, looks: Looks, name: &'static str) -> (Window, Profile) {
        let profile = Profile::new();
        (self.browsers.open(&profile, looks, name), profile)
    }

    /// A browser with what this profile holds.
    pub(crate) fn window_of(&self, profile: &Profile, looks: Looks, name: &'static str) -> Window {
        self.browsers.open(profile, looks, name)
    }

    /// What the bank gives who sets the screen up.
    pub(crate) fn enrolment_link(&self) -> String {
        format!("{}/front-end#{}.{}", self.site.at.web, self.front_end, self.enrolment_code)
    }

    /// The bank, following what happens, from now on.
    pub(crate) fn bank(&self) -> Bank<'_> {
        let events = self.begin("institution events --folder bank");
        Bank { stage: self, events, asks: 0 }
    }

    /// How many grants the bank has.
    pub(crate) fn grants(&self) -> usize {
        self.site.json("institution grants --folder bank").as_array().unwrap().len()
    }

    fn begin(&self, line: &str) -> Running {
        let mut command = symbolon(self.site.path());
        command.arg("--json").args(line.split_whitespace());
        Running::start(command)
    }
}

/// The bank's own system, by commands.
pub(crate) struct Bank<'a> {
    stage: &'a Stage,
    events: Running,
    asks: usize,
}

impl Bank<'_> {
    /// Waits for the counter to ask once more, and pushes a request for it; gives what waits
    /// for its code.
    pub(crate) fn answers_the_counter(&mut self) -> Running {
        self.asks += 1;
        let asked = |lines: &[String]| lines.iter().filter(|it| it.contains("\"asked\"")).count();
        self.events.lines_until("asked", |lines| asked(lines) >= self.asks);
        self.pushes()
    }

    /// Pushes a request for the counter; gives what waits for its code.
    pub(crate) fn pushes(&self) -> Running {
        let front_end = &self.stage.front_end;
        self.stage.site.json(&format!("institution request --front-end {front_end} --folder bank"));
        let mut redeem = self.stage.begin("institution redeem --folder bank");
        redeem.note("waiting for the code");
        redeem
    }

    /// What it read of everything that was granted: path, status, value.
    pub(crate) fn reads(&self, grant: &str) -> Vec<(String, String, Value)> {
        let read = self.stage.site.json(&format!("institution read {grant} --folder bank"));
        let items = read["items"].as_array().unwrap().iter();
        items.map(|it| (text(&it["path"]), text(&it["status"]), it["value"].clone())).collect()
    }
}

/// The grant that came of a request, once its code was redeemed.
pub(crate) fn redeemed(mut redeem: Running) -> String {
    assert_eq!(redeem.ended().code(), Some(0));
    let said: Value = serde_json::from_str(&redeem.lines().join("\n")).unwrap();
    text(&said["grant"])
}

/// Why a request came to nothing.
pub(crate) fn came_to_nothing(mut redeem: Running) -> String {
    assert_eq!(redeem.ended().code(), Some(1));
    redeem.note("ended without a code")
}

pub(super) fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text")).to_owned()
}

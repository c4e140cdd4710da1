//! A browser's window, as somebody sits before it: what it shows, and what is done there.

use super::authenticator::Authenticator;
use super::chromium::{Looks, Protocol};
use super::webdriver::{Refused, Session};
use serde_json::{Value, json};
use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::process::Command;
use std::time::{Duration, Instant};

/// Longer than a state takes to come on a busy machine.
const PATIENCE: Duration = Duration::from_secs(40);
/// Between two looks.
const GLANCE: Duration = Duration::from_millis(25);
/// What an element is called in answers (WebDriver section 12.1).
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// How somebody works a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hand {
    /// Finger or mouse.
    Pointer,
    /// Keys alone.
    Keys,
}

/// A window with its only or current tab.
pub(crate) struct Window {
    pub(super) session: Session,
    pub(super) looks: Looks,
    /// What its pictures are called: the scenario, then whose window it is.
    pub(super) scenario: &'static str,
    pub(super) name: &'static str,
    /// The states that were looked over.
    pub(super) seen: RefCell<BTreeSet<String>>,
    /// Statuses of the node that the scenario brings about.
    pub(super) expected: RefCell<BTreeSet<u16>>,
    pub(super) hand: Cell<Hand>,
    protocol: Protocol,
    web: String,
    authenticator: RefCell<Option<Authenticator>>,
}

impl Window {
    pub(super) fn new(
        session: Session,
        looks: Looks,
        scenario: &'static str,
        name: &'static str,
        protocol: Protocol,
        web: &str,
    ) -> Self {
        let window = Self {
            session,
            looks,
            scenario,
            name,
            seen: RefCell::default(),
            expected: RefCell::default(),
            hand: Cell::new(Hand::Pointer),
            protocol,
            web: web.to_owned(),
            authenticator: RefCell::default(),
        };
        window.dress();
        window
    }

    /// What a tab does not have from its browser: its size, the scheme of colours, and who
    /// confirms.
    fn dress(&self) {
        self.is_as_large_as_it_was();
        let scheme = if self.looks.dark { "dark" } else { "light" };
        let features = json!([{ "name": "prefers-color-scheme", "value": scheme }]);
        self.session.devtools("Emulation.setEmulatedMedia", json!({ "features": features }));
        self.authenticator.replace(Some(Authenticator::plug_in(&self.session)));
    }

    /// Nobody confirms anything until it is plugged in again, with what it had.
    pub(crate) fn unplugs_the_authenticator(&self) -> Vec<Value> {
        let kept = self.authenticator(|it, session| it.credentials(session));
        let unplugged = self.authenticator.take().expect("it is plugged in");
        unplugged.unplug(&self.session);
        kept
    }

    pub(crate) fn plugs_the_authenticator_in(&self, kept: &[Value]) {
        let plugged_in = Authenticator::plug_in(&self.session);
        plugged_in.keep(&self.session, kept);
        self.authenticator.replace(Some(plugged_in));
    }

    /// Has this many CSS pixels, each of so many of the screen's: a narrower phone, or a page
    /// that was zoomed.
    pub(super) fn is_as_large_as(&self, width: u32, height: u32, ratio: f32) {
        let size = json!({
            "width": width, "height": height, "deviceScaleFactor": ratio,
            "mobile": self.looks.phone,
        });
        self.session.devtools("Emulation.setDeviceMetricsOverride", size);
    }

    pub(super) fn is_as_large_as_it_was(&self) {
        let Looks { width, height, phone, .. } = self.looks;
        self.is_as_large_as(width, height, if phone { 2.0 } else { 1.0 });
    }

    /// What confirms that the person is there.
    pub(crate) fn authenticator<T>(&self, with: impl FnOnce(&Authenticator, &Session) -> T) -> T {
        let plugged_in = self.authenticator.borrow();
        with(plugged_in.as_ref().expect("it is plugged in when a tab opens"), &self.session)
    }

    /// Opens an address of the node, over the protocol that the browser was started for.
    pub(crate) fn open(&self, path: &str) {
        let address = match path.strip_prefix("https://") {
            Some(_) => path.to_owned(),
            None => format!("{}{path}", self.web),
        };
        self.done(self.session.post("url", json!({ "url": address })), "opens");
        let spoken = self.eval(
            "return performance.getEntriesByType('navigation')[0]?.nextHopProtocol ?? ''",
            json!([]),
        );
        // A page that the service worker or the cache gave came over nothing.
        if spoken != "" {
            assert_eq!(spoken, self.protocol.name(), "{address}");
        }
    }

    /// What the address bar shows.
    pub(crate) fn address(&self) -> String {
        self.eval("return location.href", json!([])).as_str().unwrap().to_owned()
    }

    /// Loads the page again.
    pub(crate) fn reload(&self) {
        self.done(self.session.post("refresh", json!({})), "loads again");
    }

    /// Opens another tab, which is then the one looked at; gives the one left.
    pub(crate) fn new_tab(&self) -> String {
        let left = self.tab();
        let made = self.done(self.session.post("window/new", json!({ "type": "tab" })), "a tab");
        self.done(self.session.post("window", json!({ "handle": made["handle"] })), "goes there");
        self.dress();
        left
    }

    /// The tab looked at.
    pub(crate) fn tab(&self) -> String {
        self.done(self.session.get("window"), "a tab").as_str().unwrap().to_owned()
    }

    /// Looks at another tab.
    pub(crate) fn to_tab(&self, tab: &str) {
        self.done(self.session.post("window", json!({ "handle": tab })), "goes there");
    }

    /// Runs the body of a function in the page.
    pub(crate) fn eval(&self, script: &str, arguments: Value) -> Value {
        let sent = json!({ "script": script, "args": arguments });
        self.done(self.session.post("execute/sync", sent), script)
    }

    /// The state that the page shows.
    pub(crate) fn screen(&self) -> Option<String> {
        let script = "return document.querySelector('main[data-screen]')?.dataset.screen ?? null";
        // Between two pages there is none.
        let sent = json!({ "script": script, "args": [] });
        let shown = self.session.post("execute/sync", sent).ok()?;
        shown.as_str().map(ToOwned::to_owned)
    }

    /// Ends the browser as a phone does that needs its memory: at once.
    pub(crate) fn is_killed(&self) {
        let kill = format!("kill -9 {}", self.session.browser());
        assert!(Command::new("sh").args(["-c", &kill]).status().unwrap().success());
        // Until it is gone its profile is in use.
        self.wait("end of the browser", || {
            let there = std::path::Path::new("/proc").join(self.session.browser().to_string());
            (!there.join("exe").exists()).then_some(())
        });
    }

    /// Forgets all that the browser keeps for the node's pages.
    pub(crate) fn is_emptied(&self) {
        let all = json!({ "origin": self.web, "storageTypes": "all" });
        self.session.devtools("Storage.clearDataForOrigin", all);
        self.eval("sessionStorage.clear()", json!([]));
    }

    /// Whether this tab reaches anybody.
    pub(crate) fn has_network(&self, has: bool) {
        let conditions = json!({
            "offline": !has, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1,
        });
        self.session.devtools("Network.enable", json!({}));
        self.session.devtools("Network.emulateNetworkConditions", conditions);
    }

    /// Waits until the service worker has what the page needs without network.
    pub(crate) fn is_kept_by_its_worker(&self) {
        let script = "
            const [done] = arguments;
            navigator.serviceWorker.ready.then((it) => done(it.active !== null));";
        let sent = json!({ "script": script, "args": [] });
        let ready = self.done(self.session.post("execute/async", sent), "a service worker");
        assert_eq!(ready, true);
    }

    /// Runs a script in every page of this tab before the page's own.
    pub(crate) fn runs_before_pages(&self, script: &str) {
        self.session.devtools("Page.addScriptToEvaluateOnNewDocument", json!({ "source": script }));
    }

    /// Waits for a state, and looks it over.
    pub(crate) fn sees(&self, screen: &str) {
        self.sees_one_of(&[screen]);
    }

    /// Waits for a state that comes when a session's time is over.
    pub(crate) fn sees_late(&self, screen: &str) {
        let of_a_session = Duration::from_secs(180);
        self.wait_at_most(of_a_session, screen, || (self.screen()? == screen).then_some(()));
        self.look_over(screen);
    }

    /// Waits for one of some states, looks it over and gives it.
    pub(crate) fn sees_one_of(&self, screens: &[&str]) -> String {
        let found = self.wait(&screens.join(" or "), || {
            self.screen().filter(|shown| screens.contains(&shown.as_str()))
        });
        self.look_over(&found);
        found
    }

    /// Waits until something is so.
    pub(crate) fn wait<T>(&self, what: &str, look: impl FnMut() -> Option<T>) -> T {
        self.wait_at_most(PATIENCE, what, look)
    }

    /// The same, for what takes its time.
    pub(crate) fn wait_at_most<T>(
        &self,
        bound: Duration,
        what: &str,
        mut look: impl FnMut() -> Option<T>,
    ) -> T {
        let began = Instant::now();
        loop {
            if let Some(found) = look() {
                return found;
            }
            if began.elapsed() > bound {
                self.give_up(what);
            }
            std::thread::sleep(GLANCE);
        }
    }

    /// The text of the page, or of what is named.
    pub(crate) fn text(&self, css: &str) -> String {
        let script = "return document.querySelector(arguments[0])?.innerText ?? ''";
        self.eval(script, json!([css])).as_str().unwrap_or_default().to_owned()
    }

    /// Waits until the page says this.
    pub(crate) fn reads(&self, words: &str) {
        self.wait(&format!("\"{words}\""), || self.text("body").contains(words).then_some(()));
    }

    /// Whether there is such an element.
    pub(crate) fn has(&self, css: &str) -> bool {
        self.eval("return document.querySelector(arguments[0]) !== null", json!([css])) == true
    }

    /// Does what a control is for.
    pub(crate) fn act(&self, action: &str) {
        self.press(&format!("[data-action=\"{action}\"]"));
    }

    /// Presses an element: with the pointer, or from the keyboard.
    pub(crate) fn press(&self, css: &str) {
        match self.hand.get() {
            Hand::Pointer => self.click(css),
            Hand::Keys => self.press_by_keys(css),
        }
    }

    /// Types into a field, in place of what is there.
    pub(crate) fn fill(&self, css: &str, text: &str) {
        match self.hand.get() {
            Hand::Pointer => {
                self.on_element(css, "clear", json!({}));
                self.on_element(css, "value", json!({ "text": text }));
            }
            Hand::Keys => self.type_by_keys(css, text),
        }
    }

    fn click(&self, css: &str) {
        self.on_element(css, "click", json!({}));
    }

    // Once it is there, can be reached and stands still.
    fn on_element(&self, css: &str, command: &str, body: Value) {
        let began = Instant::now();
        loop {
            match self.try_on_element(css, command, &body) {
                Ok(_) => return,
                Err(refused) if began.elapsed() > PATIENCE => {
                    self.give_up(&format!("{command} {css} ({refused})"));
                }
                Err(_) => {}
            }
            std::thread::sleep(GLANCE);
        }
    }

    fn try_on_element(&self, css: &str, command: &str, body: &Value) -> Result<Value, Refused> {
        let found =
            self.session.post("element", json!({ "using": "css selector", "value": css }))?;
        let id = found[ELEMENT].as_str().unwrap_or_default();
        self.session.post(&format!("element/{id}/{command}"), body.clone())
    }

    /// What a command gave; the window is shown if it was refused.
    pub(super) fn done(&self, outcome: Result<Value, Refused>, what: &str) -> Value {
        outcome.unwrap_or_else(|refused| self.give_up(&format!("{what} ({refused})")))
    }

    fn give_up(&self, what: &str) -> ! {
        let picture = self.picture("at-the-end");
        let (screen, text) = (self.screen(), self.session.post(
            "execute/sync",
            json!({ "script": "return location.pathname + '\\n' + document.body?.innerText", "args": [] }),
        ));
        let console = self.console();
        panic!(
            "{} / {}: no {what}\nscreen {screen:?}, picture {picture:?}\n{text:?}\n{console:#?}",
            self.scenario, self.name
        );
    }
}

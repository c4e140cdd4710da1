//! Every state that is reached is looked over once: a picture is kept, axe-core finds nothing,
//! nothing is wider than the window, a narrow or a zoomed one, and who cannot see is told.
//! What the console says is collected at the end.

use super::window::Window;
use crate::tools::root;
use base64ct::{Base64, Encoding};
use serde_json::{Value, json};
use std::path::PathBuf;
use std::sync::OnceLock;

/// Where the pictures are kept.
fn pictures() -> &'static PathBuf {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(|| {
        // Beside the binary of the tests, in cargo's own folder.
        let own = std::env::current_exe().unwrap();
        let folder = own.ancestors().nth(3).unwrap().join("screenshots");
        std::fs::create_dir_all(&folder).unwrap();
        eprintln!("screenshots: {}", folder.display());
        folder
    })
}

fn axe() -> &'static str {
    static AXE: OnceLock<String> = OnceLock::new();
    AXE.get_or_init(|| {
        let file = root().join("node/web/node_modules/axe-core/axe.min.js");
        std::fs::read_to_string(file).unwrap()
    })
}

impl Window {
    /// Looks over what is shown, unless it was before.
    pub(super) fn look_over(&self, screen: &str) {
        if self.seen.borrow_mut().insert(screen.to_owned()) {
            self.look_over_again(screen);
        }
    }

    /// Looks over what is shown, which has changed since its state came.
    pub(crate) fn look_over_again(&self, screen: &str) {
        self.is_told(screen);
        self.is_accessible(screen);
        self.picture(screen);
        self.picture_of_all(screen);
        self.fits(screen, "");
        // The narrowest phone, and a window that was zoomed to twice its size.
        self.is_as_large_as(320, 568, 2.0);
        self.fits(screen, "-320");
        if !self.looks.phone {
            self.is_as_large_as(self.looks.width / 2, self.looks.height / 2, 2.0);
            self.fits(screen, "-zoomed");
        }
        self.is_as_large_as_it_was();
    }

    /// Nothing has to be scrolled sideways to be read.
    fn fits(&self, screen: &str, size: &str) {
        let script = "
            const [done] = arguments;
            requestAnimationFrame(() => requestAnimationFrame(() => {
                const page = document.scrollingElement;
                const out = [...document.querySelectorAll('main *')].filter((it) => {
                    const box = it.getBoundingClientRect();
                    const clipped = it.closest('[aria-live], .unseen, dialog:not([open])');
                    return box.width > 0 && (box.right > innerWidth + 1 || box.left < -1) && !clipped;
                });
                const named = out.slice(0, 5).map((it) => `${it.tagName}.${it.className}`);
                const wide = page.scrollWidth > innerWidth || named.length > 0;
                done(wide ? [page.scrollWidth, innerWidth, ...named] : []);
            }));";
        let sent = json!({ "script": script, "args": [] });
        let wide = self.done(self.session.post("execute/async", sent), "a drawing");
        if wide != json!([]) {
            let picture = self.picture(&format!("{screen}{size}"));
            panic!("{} {screen}{size}: wider than the window: {wide} {picture:?}", self.label());
        }
    }

    /// One main, one first heading, one region that tells; after the first state the heading
    /// has the focus and the region words.
    fn is_told(&self, screen: &str) {
        let script = "
            const count = (css) => document.querySelectorAll(css).length;
            return [count('main'), count('h1'), count('[aria-live]'),
                document.documentElement.lang, document.title !== ''];";
        let told = self.eval(script, json!([]));
        let lang = self.looks.language;
        let lang = if lang.starts_with("zh") { "zh-Hans" } else { lang };
        assert_eq!(told, json!([1, 1, 1, lang, true]), "{} {screen}", self.label());
    }

    /// That the state came with the focus on its heading, and was said.
    pub(crate) fn was_told(&self) {
        let script = "
            const focused = document.activeElement;
            return [focused?.matches('h1') ?? false,
                (document.querySelector('[aria-live]')?.textContent ?? '').trim() !== ''];";
        self.wait("a heading with the focus, and words that are read out", || {
            (self.eval(script, json!([])) == json!([true, true])).then_some(())
        });
    }

    fn is_accessible(&self, screen: &str) {
        let script = format!(
            "const [done] = arguments;
            if (window.axe === undefined) {{ {} }}
            axe.run(document, {{ resultTypes: ['violations'] }}).then(
                (found) => done(found.violations.map((it) => [it.id, it.help,
                    ...it.nodes.slice(0, 4).map((node) => node.html + ' ' + node.any.map((it) => it.message).join(' '))])),
                (error) => done(String(error)));",
            axe()
        );
        let sent = json!({ "script": script, "args": [] });
        let found = self.done(self.session.post("execute/async", sent), "axe-core");
        assert_eq!(found, json!([]), "{} {screen}: {found:#}", self.label());
    }

    /// Keeps a picture of the window, and gives its file.
    pub(super) fn picture(&self, screen: &str) -> PathBuf {
        let file = self.file(screen);
        if let Some(bytes) = self.screenshot() {
            std::fs::write(&file, bytes).unwrap();
        }
        file
    }

    /// The window as PNG.
    pub(crate) fn screenshot(&self) -> Option<Vec<u8>> {
        let taken = self.session.get("screenshot").ok()?;
        Base64::decode_vec(taken.as_str()?).ok()
    }

    // What one sees by scrolling, where there is more than the window holds: a window as high
    // as the page.
    fn picture_of_all(&self, screen: &str) {
        let script = "return Math.ceil(document.scrollingElement.scrollHeight)";
        let height = self.eval(script, json!([])).as_u64().unwrap();
        if height > u64::from(self.looks.height) {
            let ratio = if self.looks.phone { 2.0 } else { 1.0 };
            self.is_as_large_as(self.looks.width, u32::try_from(height).unwrap(), ratio);
            self.picture(&format!("{screen}-whole"));
            self.is_as_large_as_it_was();
        }
    }

    fn file(&self, screen: &str) -> PathBuf {
        let theme = if self.looks.dark { "dark" } else { "light" };
        let name = format!("{}-{screen}-{}-{theme}.png", self.label(), self.looks.language);
        pictures().join(name)
    }

    fn label(&self) -> String {
        format!("{}-{}", self.scenario, self.name)
    }

    /// What the console said since it was asked last.
    pub(super) fn console(&self) -> Vec<Value> {
        let said = self.session.post("se/log", json!({ "type": "browser" }));
        said.ok().and_then(|said| said.as_array().cloned()).unwrap_or_default()
    }

    /// The scenario makes the node refuse: this status is no fault of the page.
    pub(crate) fn expects(&self, statuses: &[u16]) {
        self.expected.borrow_mut().extend(statuses);
    }

    /// Nothing went wrong in the page: no exception, no violation of its policy, no answer of
    /// the node that was not brought about on purpose.
    pub(crate) fn is_quiet(&self) {
        let faults: Vec<Value> =
            self.console().into_iter().filter(|entry| !self.is_expected(entry)).collect();
        assert!(faults.is_empty(), "{}: {faults:#?}", self.label());
    }

    fn is_expected(&self, entry: &Value) -> bool {
        // The node takes ES256 alone; an authenticator that only has RS256 is not for it.
        const ES256_ALONE: &str =
            "publicKey.pubKeyCredParams is missing at least one of the default";
        let level = entry["level"].as_str().unwrap_or_default();
        let text = entry["message"].as_str().unwrap_or_default();
        if level == "INFO" || level == "DEBUG" || text.contains(ES256_ALONE) {
            return true;
        }
        // A first proof has no nonce of the node yet: that is how it gets one (RFC 9449).
        let nonce = text.contains("status of 401") && text.contains("/v1/");
        let expected = self.expected.borrow();
        let named = expected.iter().any(|status| text.contains(&format!("status of {status}")));
        entry["source"] == "network" && (nonce || named)
    }
}

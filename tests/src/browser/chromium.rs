//! Debian's Chromium, driven by its chromedriver.

use super::webdriver::Session;
use super::window::Window;
use crate::process::Running;
use crate::site::Site;
use crate::tools::{available, available_in, root};
use base64ct::{Base64, Encoding};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::path::Path;
use std::process::Command;
use tempfile::TempDir;

/// Whether all is there that these tests need.
pub(crate) fn there() -> bool {
    let web = root().join("node/web");
    available("Chromium", "chromium", &["--version"])
        && available("chromedriver", "chromedriver", &["--version"])
        && available_in(
            "npm's packages (`npm ci` in node/web)",
            &web,
            "test",
            &["-f", "node_modules/axe-core/axe.min.js"],
        )
}

/// What a phone's browser calls itself.
const PHONES_NAME: &str = "Mozilla/5.0 (Linux; Android 15; K) AppleWebKit/537.36 (KHTML, like \
    Gecko) Chrome/156.0.0.0 Mobile Safari/537.36";

/// Which protocol a browser speaks to the node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Protocol {
    Http2,
    Http3,
}

impl Protocol {
    /// Its ALPN name, as the browser tells it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Http2 => "h2",
            Self::Http3 => "h3",
        }
    }
}

/// What a window looks like, and to whom.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Looks {
    pub(crate) width: u32,
    pub(crate) height: u32,
    /// Touch, no scroll bars, two device pixels for one of CSS.
    pub(crate) phone: bool,
    pub(crate) language: &'static str,
    pub(crate) dark: bool,
}

impl Looks {
    pub(crate) const PHONE: Self =
        Self { width: 390, height: 844, phone: true, language: "en", dark: false };
    pub(crate) const DESKTOP: Self =
        Self { width: 1280, height: 800, phone: false, language: "en", dark: false };

    /// The same in another language: `zh-CN`.
    pub(crate) fn in_language(self, language: &'static str) -> Self {
        Self { language, ..self }
    }

    /// The same at night.
    pub(crate) fn at_night(self) -> Self {
        Self { dark: true, ..self }
    }
}

/// What a browser keeps between its runs.
pub(crate) struct Profile(TempDir);

impl Profile {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }
}

/// A chromedriver, and what its browsers must know of the node.
pub(crate) struct Browsers {
    /// Ends with this.
    _driver: Running,
    origin: String,
    /// The node's web origin.
    web: String,
    key_hash: String,
    protocol: Protocol,
    scenario: &'static str,
}

impl Browsers {
    /// For the pages of this site.
    pub(crate) fn start(site: &Site, protocol: Protocol, scenario: &'static str) -> Self {
        let mut command = Command::new("chromedriver");
        // The browser's own language, such as in a date's field; pages have the window's.
        command.arg("--port=0").env("LANGUAGE", "en_US").env("LC_ALL", "C.UTF-8");
        let mut driver = Running::start(command);
        let line = driver.line("started successfully on port");
        let port = line.rsplit(' ').next().unwrap().trim_end_matches('.');
        let origin = format!("http://127.0.0.1:{port}");
        let (web, key_hash) =
            (site.at.web.clone(), key_hash(&site.path().join("node/tls/server.pem")));
        Self { _driver: driver, origin, web, key_hash, protocol, scenario }
    }

    /// A browser with this profile, which shows no page yet.
    pub(crate) fn open(&self, profile: &Profile, looks: Looks, name: &'static str) -> Window {
        let session = Session::new(&self.origin, &self.capabilities(profile, looks));
        Window::new(session, looks, self.scenario, name, self.protocol, &self.web)
    }

    fn capabilities(&self, profile: &Profile, looks: Looks) -> Value {
        let authority = self.web.strip_prefix("https://").unwrap();
        let arguments = [
            "--headless".to_owned(),
            "--no-sandbox".into(),
            "--disable-gpu".into(),
            "--no-first-run".into(),
            "--disable-background-networking".into(),
            "--disable-component-update".into(),
            "--disable-sync".into(),
            "--disable-dev-shm-usage".into(),
            format!("--user-data-dir={}", profile.0.path().display()),
            // The key of the node's own certificate and no other.
            format!("--ignore-certificate-errors-spki-list={}", self.key_hash),
            format!("--lang={}", looks.language),
            format!("--window-size={},{}", looks.width, looks.height),
            match self.protocol {
                Protocol::Http2 => "--disable-quic".into(),
                Protocol::Http3 => format!("--origin-to-force-quic-on={authority}"),
            },
        ];
        let mut options = json!({
            "args": arguments,
            "prefs": { "intl.accept_languages": looks.language },
        });
        if looks.phone {
            options["mobileEmulation"] = json!({ "deviceMetrics": {
                "width": looks.width, "height": looks.height,
                "pixelRatio": 2.0, "touch": true, "mobile": true,
            }, "userAgent": PHONES_NAME });
        }
        json!({
            "browserName": "chrome",
            "goog:chromeOptions": options,
            "goog:loggingPrefs": { "browser": "ALL" },
            "timeouts": { "script": 30_000, "pageLoad": 60_000 },
        })
    }
}

/// What `--ignore-certificate-errors-spki-list` wants: the hash of the public key.
fn key_hash(certificate: &Path) -> String {
    let text = std::fs::read(certificate).unwrap();
    let (_rest, pem) = x509_parser::pem::parse_x509_pem(&text).unwrap();
    let leaf = pem.parse_x509().unwrap();
    Base64::encode_string(&Sha256::digest(leaf.public_key().raw))
}

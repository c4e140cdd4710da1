//! WebDriver (W3C) as it is spoken: one JSON request, one JSON answer. Half of what is asked
//! of the browser are extension commands, which would be untyped in any client.

use http::{Method, Request, header};
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::{Value, json};
use std::fmt;
use tokio::runtime::{Builder, Runtime};

/// What the driver refused.
#[derive(Debug)]
pub(crate) struct Refused {
    /// Its code, such as `no such element`.
    pub(crate) error: String,
    message: String,
}

impl fmt::Display for Refused {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.error, self.message.lines().next().unwrap_or_default())
    }
}

/// A session with the driver; it ends when this is dropped, and its browser with it.
pub(crate) struct Session {
    runtime: Runtime,
    http: Client<HttpConnector, Full<bytes::Bytes>>,
    /// The driver's origin, then the session's address.
    base: String,
    browser: u64,
}

impl Session {
    /// Asks the driver at this origin for a browser.
    pub(crate) fn new(origin: &str, capabilities: &Value) -> Self {
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        let http = Client::builder(TokioExecutor::new()).build_http();
        let mut session = Self { runtime, http, base: origin.to_owned(), browser: 0 };
        let asked = json!({ "capabilities": { "alwaysMatch": capabilities } });
        let made = session.post("session", asked).unwrap_or_else(|refused| panic!("{refused}"));
        session.base = format!("{origin}/session/{}", made["sessionId"].as_str().unwrap());
        session.browser = made["capabilities"]["goog:processID"].as_u64().unwrap();
        session
    }

    /// The browser's process.
    pub(crate) fn browser(&self) -> u64 {
        self.browser
    }

    /// A command that tells nothing.
    pub(crate) fn get(&self, path: &str) -> Result<Value, Refused> {
        self.send(Method::GET, path, None)
    }

    /// A command with what it needs.
    pub(crate) fn post(&self, path: &str, body: Value) -> Result<Value, Refused> {
        self.send(Method::POST, path, Some(body))
    }

    /// A command that ends something.
    pub(crate) fn delete(&self, path: &str) -> Result<Value, Refused> {
        self.send(Method::DELETE, path, None)
    }

    /// A command of the DevTools protocol.
    pub(crate) fn devtools(&self, command: &str, parameters: Value) -> Value {
        self.post("goog/cdp/execute", json!({ "cmd": command, "params": parameters }))
            .unwrap_or_else(|refused| panic!("{command}: {refused}"))
    }

    fn send(&self, method: Method, path: &str, body: Option<Value>) -> Result<Value, Refused> {
        let slash = if path.is_empty() { "" } else { "/" };
        let request = Request::builder()
            .method(method)
            .uri(format!("{}{slash}{path}", self.base))
            .header(header::CONTENT_TYPE, "application/json")
            .body(Full::from(body.map_or(String::new(), |body| body.to_string())))
            .unwrap();
        let answer = self.runtime.block_on(async {
            let response = self.http.request(request).await.expect("the driver answers");
            response.into_body().collect().await.expect("the driver's answer is whole").to_bytes()
        });
        let mut answer: Value = serde_json::from_slice(&answer).unwrap();
        let value = answer["value"].take();
        match value["error"].as_str() {
            None => Ok(value),
            Some(error) => Err(Refused {
                error: error.to_owned(),
                message: value["message"].as_str().unwrap_or_default().to_owned(),
            }),
        }
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        if !self.base.ends_with("session") {
            let _ended = self.delete("");
        }
    }
}

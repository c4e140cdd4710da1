//! The development CA for phones: the certificate itself, and a page that says how to trust it.
//! Both are there only while the node's own certificate comes from that CA.

use super::guard::Guard;
use super::pages::{escaped, html_in};
use super::problem::{Answer, Problem};
use super::route::Route;
use super::state::App;
use super::trouble::Trouble;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, StatusCode, header};
use std::sync::Arc;
use symbolon_domain::bytes::Digest;

/// What iOS and Android take as a certificate to install.
const MEDIA_TYPE: &str = "application/x-x509-ca-cert";

/// Where the page is, below the web origin.
pub(crate) const PATH: &str = "/ca";

/// The certificate and its page.
pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get(PATH, Guard::Anyone, page, "How a phone trusts the development CA")
            .gives_bytes("text/html"),
        Route::get("/ca.crt", Guard::Anyone, certificate, "The development CA's certificate, DER")
            .gives_bytes(MEDIA_TYPE),
    ]
}

/// The SHA-256 of a certificate as phones show it: pairs of hexadecimal digits.
pub(crate) fn fingerprint(certificate: &[u8]) -> String {
    let pairs: Vec<String> =
        Digest::of(certificate).0.iter().map(|byte| format!("{byte:02X}")).collect();
    pairs.join(":")
}

async fn certificate(State(app): State<Arc<App>>) -> Answer<Response> {
    let certificate = own(&app)?.to_vec();
    Ok(([(header::CONTENT_TYPE, MEDIA_TYPE)], certificate).into_response())
}

async fn page(State(app): State<Arc<App>>, headers: HeaderMap) -> Answer<Response> {
    let fingerprint = fingerprint(own(&app)?);
    let wanted = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    let words = if wanted.is_some_and(prefers_chinese) { &CHINESE } else { &ENGLISH };
    let host = escaped(&app.site.rp_id);
    let steps: String = words.steps.iter().map(|step| format!("<li>{step}</li>")).collect();
    let body = format!(
        "<p>{}</p><ol>{steps}</ol><p>{}</p><p><code style=\"word-break:break-all\">{fingerprint}\
         </code></p><p><a href=\"/\">{}</a></p>",
        words.why.replace("{host}", &host),
        words.compare,
        words.on,
    );
    Ok(html_in(words.language, StatusCode::OK, words.title, &body))
}

fn own(app: &App) -> Result<&[u8], Problem> {
    app.development_ca.as_deref().ok_or_else(|| Trouble::NoSuchRoute.into())
}

/// Whether Chinese stands before English in `Accept-Language`; browsers put what the person
/// prefers first, so that weights add nothing here.
fn prefers_chinese(accepted: &str) -> bool {
    let first = accepted.split(',').map(str::trim).find(|it| {
        let tag = it.get(..2).unwrap_or_default();
        tag.eq_ignore_ascii_case("zh") || tag.eq_ignore_ascii_case("en")
    });
    first.is_some_and(|it| it.to_ascii_lowercase().starts_with("zh"))
}

struct Words {
    language: &'static str,
    title: &'static str,
    why: &'static str,
    steps: [&'static str; 3],
    compare: &'static str,
    on: &'static str,
}

const ENGLISH: Words = Words {
    language: "en",
    title: "Trust this demonstration",
    why: "The certificate of {host} comes from a development authority that lives on this \
          server alone. Until your phone trusts it, keys cannot be made here. Remove it again \
          when you have finished: whoever holds its key could speak for any site to your phone.",
    steps: [
        "Open <a href=\"/ca.crt\">ca.crt</a>: the phone downloads the certificate.",
        "iPhone: Settings, Profile Downloaded, Install; then Settings, General, About, \
         Certificate Trust Settings, and switch it on.",
        "Android: Settings, Security, Encryption &amp; credentials, Install a certificate, CA \
         certificate, and choose the file.",
    ],
    compare: "Before you switch it on, compare the certificate's SHA-256 with the one that the \
              server's terminal printed:",
    on: "Then go on to Symbolon",
};

const CHINESE: Words = Words {
    language: "zh-Hans",
    title: "信任本演示",
    why: "{host} 的证书由仅存在于此服务器上的开发证书机构签发。在您的手机信任它之前，无法在此创建密钥。\
          用完后请将其移除：持有其密钥的人可以向您的手机冒充任何网站。",
    steps: [
        "打开 <a href=\"/ca.crt\">ca.crt</a>：手机会下载该证书。",
        "iPhone：设置 → 已下载描述文件 → 安装；然后 设置 → 通用 → 关于本机 → 证书信任设置，将其打开。",
        "Android：设置 → 安全 → 加密与凭据 → 安装证书 → CA 证书，选择该文件。",
    ],
    compare: "打开信任之前，请将证书的 SHA-256 与服务器终端上显示的进行比较：",
    on: "然后继续前往 Symbolon",
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_language_is_the_first_of_ours() {
        for (accepted, chinese) in [
            ("zh-CN,zh;q=0.9,en;q=0.8", true),
            ("en-GB,en;q=0.9,zh;q=0.8", false),
            ("de, zh-Hans;q=0.5, en;q=0.3", true),
            ("de", false),
            ("", false),
            ("é", false),
        ] {
            assert_eq!(prefers_chinese(accepted), chinese, "{accepted}");
        }
    }
}

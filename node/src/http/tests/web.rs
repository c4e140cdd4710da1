//! The pages: what they are served with, to whom, and what is not served.

use super::desk::{Bank, Desk, Told, request, tell, with_certificate};
use axum::body::Body;
use std::io::Read;

async fn get(desk: &Desk, path: &str, headers: &[(&str, &str)]) -> Told {
    ask(desk, "GET", path, headers).await
}

async fn ask(desk: &Desk, method: &str, path: &str, headers: &[(&str, &str)]) -> Told {
    let mut request = request(method, path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    tell(&desk.web, request.body(Body::empty()).unwrap()).await
}

fn text(told: &Told) -> String {
    String::from_utf8(told.body.clone()).unwrap()
}

/// The first script that a page loads.
fn script(page: &str) -> String {
    let start = page.split_once("src=\"").unwrap().1;
    start.split_once('"').unwrap().0.to_owned()
}

#[tokio::test]
async fn each_address_has_its_page() {
    let desk = Desk::open().await;
    let phone = text(&get(&desk, "/", &[]).await);
    let front_end = text(&get(&desk, "/front-end", &[]).await);
    assert!(phone.contains("/assets/phone-") && front_end.contains("/assets/front-end-"));
    let session = "/s/ses_eu1_gaytemzugu3doobzmfrggzdfmy";
    for path in [session, "/recover", "/h"] {
        let told = get(&desk, path, &[]).await;
        assert_eq!((told.status, text(&told)), (200, phone.clone()), "{path}");
    }
    let told = get(&desk, "/service-worker.js", &[]).await;
    assert_eq!(told.header("content-type"), "text/javascript; charset=utf-8");
    for path in
        ["/s/ses_eu1_short", "/s/grt_eu1_gaytemzugu3doobzmfrggzdfmy", "/s/%3Cscript%3E", "/s/"]
    {
        let told = get(&desk, path, &[]).await;
        assert_eq!(told.status, 404, "{path}");
        assert!(!text(&told).contains("<script"), "{path}");
    }
    for path in ["/phone.html", "/console.html", "/assets/phone.html", "/assets/..%2Fphone.html"] {
        assert_eq!(get(&desk, path, &[]).await.problem(), (404, "no_such_route".into()), "{path}");
    }
    assert_eq!(ask(&desk, "POST", "/", &[]).await.problem(), (405, "method_not_allowed".into()));
}

#[tokio::test]
async fn what_a_page_may_do_is_said_with_every_file() {
    let desk = Desk::open().await;
    let script = script(&text(&get(&desk, "/", &[]).await));
    for path in ["/", "/front-end", "/service-worker.js", &script] {
        let told = get(&desk, path, &[]).await;
        let policy = told.header("content-security-policy");
        for directive in [
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "connect-src 'self'",
            "frame-ancestors 'none'",
            "require-trusted-types-for 'script'",
            "trusted-types symbolon",
        ] {
            assert!(policy.split("; ").any(|known| known == directive), "{path}: {policy}");
        }
        assert!(!policy.contains("unsafe"), "{policy}");
        assert_eq!(told.header("x-content-type-options"), "nosniff");
        assert_eq!(told.header("referrer-policy"), "no-referrer");
        assert_eq!(told.header("cross-origin-opener-policy"), "same-origin");
        assert!(told.header("permissions-policy").contains("camera=(self), microphone=()"));
        assert_eq!(told.header("set-cookie"), "");
        // The development CA's host is perhaps `localhost`, with other ports beside ours.
        assert_eq!(told.header("strict-transport-security"), "");
    }
}

#[tokio::test]
async fn caches_keep_what_does_not_change() {
    let desk = Desk::open().await;
    let page = get(&desk, "/", &[]).await;
    assert_eq!(page.header("cache-control"), "no-cache");
    assert_eq!(page.header("vary"), "accept-encoding");
    let asset = script(&text(&page));
    let told = get(&desk, &asset, &[]).await;
    assert_eq!(told.header("cache-control"), "public, max-age=31536000, immutable");

    let small = get(&desk, &asset, &[("accept-encoding", "gzip, br;q=0.9")]).await;
    assert_eq!(small.header("content-encoding"), "br");
    assert!(small.body.len() < told.body.len());
    let mut plain = Vec::new();
    brotli::Decompressor::new(&small.body[..], 4_096).read_to_end(&mut plain).unwrap();
    assert_eq!(plain, told.body);
    for refused in ["gzip", "br;q=0", "br;q=0, *", "identity"] {
        let told = get(&desk, &asset, &[("accept-encoding", refused)]).await;
        assert_eq!(told.header("content-encoding"), "", "{refused}");
    }
    let any = get(&desk, &asset, &[("accept-encoding", "*")]).await;
    assert_eq!(any.header("content-encoding"), "br");

    let (tag, small_tag) = (told.header("etag").to_owned(), small.header("etag").to_owned());
    assert_ne!(tag, small_tag);
    for known in [tag.clone(), format!("W/{tag}"), format!("\"x\", {tag}"), "*".into()] {
        let again = get(&desk, &asset, &[("if-none-match", &known)]).await;
        assert_eq!((again.status, again.body.len()), (304, 0), "{known}");
        assert_eq!(again.header("etag"), tag);
        assert_eq!(again.header("cache-control"), told.header("cache-control"));
    }
    for other in [&small_tag, "\"x\""] {
        assert_eq!(get(&desk, &asset, &[("if-none-match", other)]).await.status, 200);
    }
    let head = ask(&desk, "HEAD", &asset, &[("accept-encoding", "br")]).await;
    assert_eq!((head.status, head.body.len()), (200, 0));
    assert_eq!(head.header("content-length"), small.body.len().to_string());
    assert_eq!(head.header("etag"), small_tag);
}

#[tokio::test]
async fn the_console_is_for_who_has_a_certificate() {
    let desk = Desk::open().await;
    let bank = Bank::new(&desk, "bank.example", 1);
    // Registered or not: the console also leads through registration.
    let page = bank.get(&desk, "/").await;
    assert_eq!(page.status, 200);
    let asset = script(&text(&page));
    assert!(asset.starts_with("/assets/console-"));
    assert_eq!(bank.get(&desk, &asset).await.status, 200);
    let cluster = bank.get(&desk, "/.well-known/symbolon").await.json();
    assert_eq!(cluster["issuer"], desk.node.site().issuer);
    for path in ["/", &asset] {
        let bare = request("GET", path).body(Body::empty()).unwrap();
        let told = tell(&desk.partner, bare).await;
        assert_eq!(told.problem(), (401, "certificate_required".into()), "{path}");
    }
    let phone = with_certificate(request("GET", "/recover"), bank.name);
    let told = tell(&desk.partner, phone.body(Body::empty()).unwrap()).await;
    assert_eq!(told.problem(), (404, "no_such_route".into()));
}

#[tokio::test]
async fn phones_get_the_development_ca_while_it_is_in_use() {
    let desk = Desk::open().await;
    let certificate = get(&desk, "/ca.crt", &[]).await;
    assert_eq!(certificate.header("content-type"), "application/x-x509-ca-cert");
    let (_, parsed) = x509_parser::parse_x509_certificate(&certificate.body).unwrap();
    assert!(parsed.is_ca());
    let fingerprint = crate::http::authority::fingerprint(&certificate.body);
    for (language, word) in [("en-GB", "Android: Settings"), ("zh-CN", "信任")] {
        let page = text(&get(&desk, "/ca", &[("accept-language", language)]).await);
        assert!(page.contains(word) && page.contains(&fingerprint), "{language}: {page}");
        assert!(!page.contains("{host}"), "{page}");
    }

    let folder = tempfile::tempdir().unwrap();
    let authority = desk.node.app().config.data_folder.join("tls");
    let own = ["server.pem", "server.key"].map(|name| {
        std::fs::copy(authority.join(name), folder.path().join(name)).unwrap();
        folder.path().join(name)
    });
    let known = Desk::open_with(|config| {
        [config.tls.certificate, config.tls.key] = own.map(Some);
    })
    .await;
    for path in ["/ca", "/ca.crt"] {
        assert_eq!(get(&known, path, &[]).await.problem(), (404, "no_such_route".into()), "{path}");
    }
}

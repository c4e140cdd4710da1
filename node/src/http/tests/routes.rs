//! Every route with its guard, and the pages that need none.

use super::desk::{Desk, request, tell};
use crate::http::problem::Cause;
use crate::http::{operator_routes, partner_routes, web_routes};
use axum::body::Body;

/// The whole surface of a node. A new route is added here with the guard it has.
const ROUTES: &str = include_str!("routes.txt");

#[test]
fn every_route_with_its_guard() {
    let mut lines = Vec::new();
    for (listener, routes) in
        [("web", web_routes()), ("partner", partner_routes()), ("operators", operator_routes())]
    {
        lines.extend(
            routes.into_iter().map(|route| {
                format!("{listener} {:?} {} {}", route.guard, route.method, route.path)
            }),
        );
    }
    lines.sort();
    let wanted: Vec<&str> = ROUTES.lines().collect();
    assert_eq!(lines, wanted, "\n{}\n", lines.join("\n"));
}

#[tokio::test]
async fn pages_without_a_guard() {
    let desk = Desk::open().await;
    let get =
        async |path: &str| tell(&desk.web, request("GET", path).body(Body::empty()).unwrap()).await;
    for cause in Cause::all() {
        let told = get(&format!("/problems/{}", cause.code())).await;
        assert_eq!(told.status, 200, "{}", cause.code());
        assert!(String::from_utf8(told.body).unwrap().contains(cause.help()));
    }
    for code in ["body_too_large", "headers_too_large"] {
        assert_eq!(get(&format!("/problems/{code}")).await.status, 200, "the listeners' own");
    }
    assert_eq!(get("/problems/%3Cscript%3E").await.status, 404);
    assert_eq!(get("/healthz").await.status, 200);
    assert_eq!(get("/readyz").await.status, 200);
    let metadata = get("/.well-known/oauth-authorization-server").await.json();
    let site = desk.node.site();
    assert_eq!(metadata["issuer"], site.issuer);
    let par = &metadata["mtls_endpoint_aliases"]["pushed_authorization_request_endpoint"];
    assert_eq!(*par, format!("{}/oauth/par", site.partner_origin));
    let cluster = get("/.well-known/symbolon").await.json();
    assert_eq!((&cluster["rp_id"], &cluster["region"]), (&"localhost".into(), &"eu1".into()));
    assert!(get("/openapi.json").await.json()["paths"]["/v1/offers"].is_object());
}

#[tokio::test]
async fn the_operator_sees_the_store() {
    let desk = Desk::open().await;
    super::desk::Bank::settled(&desk, "bank.example", 1).await;
    let status = desk.operate("GET", "/v1/operator/status").await.json();
    assert_eq!(status["ready"], true, "{status}");
    let keys = desk.operate("GET", "/v1/operator/keys").await.json();
    let count = keys.as_array().unwrap().len();
    assert!(keys.as_array().unwrap().iter().all(|key| key.get("secret").is_none()));
    let told = desk.operate("POST", "/v1/operator/keys/webhook/rotate").await;
    assert_eq!((told.status, &told.json()["current"]), (200, &true.into()));
    let keys = desk.operate("GET", "/v1/operator/keys").await.json();
    assert_eq!(keys.as_array().unwrap().len(), count + 1);
    let told = desk.operate("POST", "/v1/operator/keys/cluster-root/rotate").await;
    assert_eq!(told.problem().0, 403);
    let report = desk.operate("GET", "/v1/operator/store/check").await.json();
    assert_eq!(report["problems_count"], 0, "{report}");
    assert!(report["entries"].as_u64().unwrap() > 3);
    let dump = desk.operate("GET", "/v1/operator/store/backup").await;
    assert!(dump.body.starts_with(b"symbolon-dump\n"));
    let bare = request("GET", "/v1/operator/status").body(Body::empty()).unwrap();
    assert_eq!(tell(&desk.operators, bare).await.problem(), (401, "certificate_required".into()));
}

//! How the pages come: over which protocol, and what their policies keep out.

use super::chromium::{Looks, Protocol, there};
use super::stage::Stage;
use serde_json::json;

fn comes(protocol: Protocol, scenario: &'static str) {
    if !there() {
        return;
    }
    let stage = Stage::set(scenario, protocol);
    let (window, _profile) = stage.window(Looks::PHONE, "phone");
    for page in ["/", "/front-end"] {
        window.open(page);
        let script = "return [isSecureContext,
            performance.getEntriesByType('navigation')[0].nextHopProtocol]";
        assert_eq!(window.eval(script, json!([])), json!([true, protocol.name()]), "{page}");
    }
    window.is_quiet();
}

#[test]
fn the_pages_come_over_http_2() {
    comes(Protocol::Http2, "http2");
}

#[test]
fn the_pages_come_over_http_3() {
    comes(Protocol::Http3, "http3");
}

#[test]
fn the_policy_keeps_foreign_script_out() {
    if !there() {
        return;
    }
    let stage = Stage::set("policy", Protocol::Http2);
    let (window, _profile) = stage.window(Looks::PHONE, "phone");
    window.open("/");
    // What a hole in the page would do: a script in the markup, markup from text, a style,
    // code from text, a request to another origin.
    let script = "
        const [done] = arguments;
        const violated = new Set();
        document.addEventListener('securitypolicyviolation', (it) => violated.add(it.effectiveDirective));
        const inline = document.createElement('script');
        let refused = 0;
        for (const sink of [
            () => { inline.text = 'window.ran = true'; },
            () => { document.body.innerHTML = '<img src=x>'; },
            () => { trustedTypes.createPolicy('other', {}); },
            () => { (0, eval)('window.ran = true'); },
        ]) try { sink(); } catch { refused += 1; }
        const style = document.createElement('style');
        style.textContent = 'body { display: none }';
        document.body.append(inline, style);
        fetch('https://127.0.0.1:9/').catch(() => {
            const dressed = getComputedStyle(document.body).display !== 'none';
            setTimeout(() => done([refused, window.ran ?? false, dressed, [...violated].sort()]), 100);
        });";
    let sent = json!({ "script": script, "args": [] });
    let held = window.done(window.session.post("execute/async", sent), "the policy");
    assert_eq!(
        held,
        json!([
            4,
            false,
            true,
            ["connect-src", "require-trusted-types-for", "script-src", "style-src-elem", "trusted-types"]
        ])
    );
}

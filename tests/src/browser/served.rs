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
    // What a hole in the page would do: code from text, markup from text, a policy of its own,
    // a style, a picture and a request from elsewhere. It is done later than by the driver, whose own
    // scripts may do anything.
    let script = "
        const [done] = arguments;
        const violated = new Set();
        document.addEventListener('securitypolicyviolation', (it) => violated.add(it.effectiveDirective));
        setTimeout(() => {
            const held = [];
            const sinks = {
                script: () => { document.createElement('script').text = 'window.ran = true'; },
                markup: () => { document.body.innerHTML = '<p>foreign</p>'; },
                policy: () => { trustedTypes.createPolicy('other', {}); },
                eval: () => { (0, eval)('window.ran = true'); },
                timer: () => { setTimeout('window.ran = true'); },
            };
            for (const [name, sink] of Object.entries(sinks)) try { sink(); } catch { held.push(name); }
            const style = document.createElement('style');
            style.textContent = 'body { display: none }';
            const script = document.createElement('script');
            script.append('window.ran = true');
            const picture = new Image();
            picture.src = 'https://127.0.0.1:9/picture';
            document.body.append(style, script, picture);
            const plain = getComputedStyle(document.body).display !== 'none';
            fetch('https://127.0.0.1:9/').catch(() => setTimeout(() =>
                done([held, window.ran ?? false, plain, [...violated].sort()]), 100));
        });";
    let sent = json!({ "script": script, "args": [] });
    let held = window.done(window.session.post("execute/async", sent), "the policy");
    let kept_out =
        ["connect-src", "img-src", "require-trusted-types-for", "style-src-elem", "trusted-types"];
    let sinks = ["script", "markup", "policy", "eval", "timer"];
    assert_eq!(held, json!([sinks, false, true, kept_out]));
}

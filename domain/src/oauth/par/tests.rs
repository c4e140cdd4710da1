//! Tests of `par`: tables, standard vectors, properties.

use super::*;
use proptest::prelude::*;

const CLIENT: &str = "ins_eu1_aaaaaaaaaaaaaaaaaaaaaaaaaa";
const FRONT_END: &str = "fre_eu1_aaaaaaaaaaaaaaaaaaaaaaaaaa";
const CALLBACK: &str = "https://bank.example/callback";

fn request() -> PushedRequest {
    PushedRequest {
        client_id: CLIENT.parse().unwrap(),
        response_mode: ResponseMode::Query,
        redirect_uri: Some(CALLBACK.into()),
        state: Some("a b&c=\u{7e}".into()),
        scope: Some("openid profile".into()),
        front_end: None,
        code_challenge: Digest([2; 32]),
        consent: ConsentRequest::new(Digest([1; 32])),
    }
}

// The form with one parameter set to another value, or left out.
fn with(name: &str, value: Option<&str>) -> Result<PushedRequest, ErrorCode> {
    let form = request().to_form();
    let mut changed = url::form_urlencoded::Serializer::new(String::new());
    for (key, old) in url::form_urlencoded::parse(form.as_bytes()).filter(|(key, _)| key != name) {
        changed.append_pair(&key, &old);
    }
    if let Some(value) = value {
        changed.append_pair(name, value);
    }
    PushedRequest::parse(changed.finish().as_bytes()).map_err(|error| error.error)
}

#[test]
fn form_and_back() {
    assert_eq!(PushedRequest::parse(request().to_form().as_bytes()), Ok(request()));
    assert_eq!(with("unknown", Some("ignored")), Ok(request()));
    assert_eq!(with("response_mode", None), Ok(request()));
    let session = with("response_mode", Some("symbolon.session")).unwrap();
    assert_eq!(session.response_mode, ResponseMode::Session);
}

#[test]
fn a_front_end_goes_with_its_channels() {
    let counter = PushedRequest {
        response_mode: ResponseMode::Scan,
        front_end: Some(FRONT_END.parse().unwrap()),
        ..request()
    };
    assert_eq!(PushedRequest::parse(counter.to_form().as_bytes()), Ok(counter.clone()));
    let offer = "off_eu1_aaaaaaaaaaaaaaaaaaaaaaaaaa".parse().unwrap();
    assert_eq!(counter.to_session_request(offer).front_end, counter.front_end);
    let refused = |form: String| PushedRequest::parse(form.as_bytes()).map_err(|e| e.error);
    let another_kind = counter.to_form().replace("fre_", "dev_");
    assert_eq!(refused(another_kind), Err(ErrorCode::InvalidRequest));
    let same_device = counter.to_form().replace("symbolon.scan", "query");
    assert_eq!(refused(same_device), Err(ErrorCode::InvalidRequest));
}

#[test]
fn every_parameter_is_checked() {
    use ErrorCode::{
        InvalidAuthorizationDetails, InvalidRequest, InvalidScope, RequestNotSupported,
        UnsupportedResponseType,
    };
    for (name, value, error) in [
        ("response_type", Some("token"), UnsupportedResponseType),
        ("response_type", None, InvalidRequest),
        ("client_id", Some("dev_eu1_aaaaaaaaaaaaaaaaaaaaaaaaaa"), InvalidRequest),
        ("client_id", None, InvalidRequest),
        ("code_challenge", Some("short"), InvalidRequest),
        ("code_challenge", None, InvalidRequest),
        ("code_challenge_method", Some("plain"), InvalidRequest),
        ("code_challenge_method", None, InvalidRequest),
        ("authorization_details", Some("[]"), InvalidAuthorizationDetails),
        ("authorization_details", None, InvalidRequest),
        ("response_mode", Some("fragment"), InvalidRequest),
        ("redirect_uri", Some("http://bank.example/"), InvalidRequest),
        ("redirect_uri", None, InvalidRequest),
        ("state", Some("\u{e9}"), InvalidRequest),
        ("state", Some("a\nb"), InvalidRequest),
        ("scope", Some("a  b"), InvalidScope),
        ("scope", Some("a\\b"), InvalidScope),
        ("front_end", Some(FRONT_END), InvalidRequest),
        ("request", Some("eyJ"), RequestNotSupported),
        ("request_uri", Some("urn:x"), InvalidRequest),
    ] {
        assert_eq!(with(name, value), Err(error), "{name}={value:?}");
    }
    assert_eq!(with("state", Some(&"a".repeat(513))), Err(InvalidRequest));
    let twice = format!("{}&state=x", request().to_form());
    assert!(PushedRequest::parse(twice.as_bytes()).is_err());
}

#[test]
fn redirects_must_be_registered() {
    let registered = [CALLBACK.to_owned()];
    assert_eq!(request().check_redirect_uri(&registered), Ok(()));
    let near = PushedRequest { redirect_uri: Some(format!("{CALLBACK}/")), ..request() };
    assert!(near.check_redirect_uri(&registered).is_err());
    let none = PushedRequest { redirect_uri: None, ..request() };
    assert_eq!(none.check_redirect_uri(&[]), Ok(()));
}

#[test]
fn the_hash_covers_every_parameter() {
    let changes: [fn(&mut PushedRequest); 8] = [
        |r| r.client_id.random = [1; 16],
        |r| r.response_mode = ResponseMode::Scan,
        |r| r.redirect_uri = None,
        |r| r.state = Some(String::new()),
        |r| r.scope = None,
        |r| r.front_end = Some(FRONT_END.parse().unwrap()),
        |r| r.code_challenge = Digest([3; 32]),
        |r| r.consent.offer = Digest([3; 32]),
    ];
    for change in changes {
        let mut other = request();
        change(&mut other);
        assert_ne!(other.hash(), request().hash());
        assert_eq!(PushedRequest::from_bytes(&other.to_bytes()), Ok(other));
    }
    assert_eq!(
        String::from_utf8(PushedRequest { state: None, scope: None, ..request() }.to_bytes())
            .unwrap(),
        r#"{"client_id":"ins_eu1_aaaaaaaaaaaaaaaaaaaaaaaaaa","response_mode":"query","redirect_uri":"https://bank.example/callback","code_challenge":"AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI","consent":{"type":"urn:symbolon:consent:v1","offer":"AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE"}}"#,
        "golden: stored requests keep their hash"
    );
}

#[test]
fn the_authorization_endpoint_takes_a_reference() {
    let reference = Token::new(TokenClass::Request, "eu1".parse().unwrap(), &[5; 32]);
    let query = |uri: &str| {
        let query = format!("client_id={CLIENT}&request_uri={uri}");
        AuthorizationRequest::parse(&query).map_err(|error| error.error)
    };
    let text = reference.text().expose().to_owned();
    let right = AuthorizationRequest { client_id: CLIENT.parse().unwrap(), reference };
    assert_eq!(query(&format!("{REQUEST_URI_PREFIX}{text}")), Ok(right));
    assert_eq!(query(&text), Err(ErrorCode::InvalidRequestUri));
    assert_eq!(query("https://evil.example/request"), Err(ErrorCode::InvalidRequestUri));
    assert_eq!(query(""), Err(ErrorCode::InvalidRequest));
}

proptest! {
    #[test]
    fn never_panics(body in "\\PC{0,60}", value in "\\PC{0,20}", at in any::<prop::sample::Index>()) {
        let _ = PushedRequest::parse(body.as_bytes());
        let names = ["state", "scope", "redirect_uri", "authorization_details", "client_id"];
        let _ = with(names[at.index(names.len())], Some(&value));
    }
}

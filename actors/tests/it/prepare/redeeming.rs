//! Codes and tokens: who may bring them, and that nothing opens without its half.

use super::stage::{
    CERTIFICATE, HALF, Stage, TICKED, VERIFIER, bank, code_id, code_request, device, grant_id,
    rejected,
};
use crate::fixtures::{id, institution_id};
use symbolon_actors::prepare::{CodeRequest, Issued, RefreshRequest, Refusal};
use symbolon_domain::Kind;
use symbolon_domain::Rejection::{
    GrantPaused, GrantRevoked, InvalidGrant, InvalidToken, RuleDenied,
};
use symbolon_domain::bytes::Digest;
use symbolon_domain::crypto::code::format_half;
use symbolon_domain::crypto::token::{Token, TokenClass};
use symbolon_domain::entity::grant::{self, GrantState};
use symbolon_domain::entity::{Command, Reply, token};
use symbolon_domain::key::{self, Row};
use symbolon_domain::port::{self, Principal, StoreFault, Verdict};
use symbolon_domain::secret::Secret;

fn redeem(command: &Command) -> &symbolon_domain::act::redeem::Redeem {
    let Command::Token(token::Command::Redeem(redeem)) = command else { panic!("{command:?}") };
    redeem
}

/// Redeems the code; its tokens.
async fn redeemed(stage: &mut Stage, code: &str) -> Issued {
    let issued = stage.prepare().await.redeem(&code_request(code)).await.unwrap();
    let reply = stage.run(bank(), issued.target, issued.command.clone());
    assert!(matches!(&reply, Ok(Reply::Redeemed(redeemed)) if redeemed.refreshable), "{reply:?}");
    issued
}

fn refresh_request(text: &str) -> RefreshRequest<'_> {
    RefreshRequest { client: institution_id(), certificate: CERTIFICATE, refresh_token: text }
}

#[tokio::test]
async fn a_code_is_of_two_halves_and_of_one_client() {
    let mut stage = Stage::set();
    let code = stage.approved().await;
    let handle = code.split_once('.').unwrap().0;
    let prepare = stage.prepare().await;
    let other_half = format!("{handle}.{}", format_half(&Secret::new([8; 32])));
    let guessed = prepare.redeem(&code_request(&other_half)).await.unwrap();
    let command = redeem(&guessed.command);
    assert!(!command.half_fits, "what does not open the grant key is no half");
    assert!(command.access.wrap.wrapped.is_empty() && command.refresh.wrap.wrapped.is_empty());
    let another = Token::new(TokenClass::Code, device().region, &[1; 32]);
    let another = format!("{}.{}", another.text().expose(), format_half(&Secret::new(HALF)));
    let thief = CodeRequest { client: id(Kind::Institution, 2), ..code_request(&code) };
    for (what, request) in [
        ("another client", thief),
        ("the handle alone", code_request(handle)),
        ("an unknown one", code_request(&another)),
        ("none", code_request("")),
    ] {
        assert_eq!(rejected(prepare.redeem(&request).await), InvalidGrant, "{what}");
    }
    let page = Some("https://bank.example/back".to_owned());
    let request = CodeRequest { redirect_uri: page.clone(), ..code_request(&code) };
    let issued = prepare.redeem(&request).await.unwrap();
    let command = redeem(&issued.command);
    assert_eq!(command.redirect_uri, page);
    assert_eq!(command.challenge, Digest::of(VERIFIER.as_bytes()));
    assert_eq!(command.certificate, CERTIFICATE);
    // The wrong ones, told to the code, get nothing and leave it good.
    let unknown = CodeRequest { verifier: "another", ..code_request(&code) };
    let unknown = prepare.redeem(&unknown).await.unwrap();
    assert_eq!(stage.run(bank(), unknown.target, unknown.command), Err(InvalidGrant));
    assert_eq!(stage.run(bank(), guessed.target, guessed.command), Err(InvalidGrant));
    let issued = redeemed(&mut stage, &code).await;
    assert_eq!(issued.target, code_id(&code));
    let again = stage.prepare().await.redeem(&code_request(&code)).await.unwrap();
    assert!(!redeem(&again.command).half_fits, "the wrap went with the code");
}

#[tokio::test]
async fn tokens_open_the_grant_key_and_only_their_own_wrap() {
    let mut stage = Stage::set();
    let code = stage.approved().await;
    let issued = redeemed(&mut stage, &code).await;
    let refresh = issued.refresh.unwrap();
    let prepare = stage.prepare().await;
    let again = prepare.refresh(&refresh_request(refresh.text().expose())).await.unwrap();
    assert!(again.refresh.is_none() && again.access.text() != issued.access.text());
    let reply = stage.run(bank(), again.target, again.command.clone());
    assert!(matches!(reply, Ok(Reply::Redeemed(_))), "{reply:?}");
    for (access, read) in [(&issued.access, [1; 16]), (&again.access, [2; 16])] {
        let paths = vec![TICKED[0].to_owned()];
        let prepare = stage.prepare().await;
        let command = prepare.read(grant_id(), access, CERTIFICATE, read, paths).await.unwrap();
        let reply = stage.run(bank(), grant_id(), command);
        let Ok(Reply::Read(reply)) = reply else { panic!("{reply:?}") };
        let key = |token| prepare.grant_key(&reply, token, grant_id(), institution_id());
        assert_eq!(key(access).ok(), Some(stage.grant_key()));
        let other = Token::new(TokenClass::Access, device().region, &[9; 32]);
        assert!(key(&other).is_err() && key(&refresh).is_err(), "another token's");
        let elsewhere = prepare.grant_key(&reply, access, id(Kind::Grant, 6), institution_id());
        assert!(elsewhere.is_err(), "another grant's");
        let foreign = prepare.grant_key(&reply, access, grant_id(), id(Kind::Institution, 2));
        assert!(foreign.is_err(), "another client's");
        let without = symbolon_domain::act::read::ReadReply { wrap: None, ..*reply.clone() };
        assert!(prepare.grant_key(&without, access, grant_id(), institution_id()).is_err());
    }
}

#[tokio::test]
async fn a_refresh_token_of_another_or_of_nothing() {
    let mut stage = Stage::set();
    let code = stage.approved().await;
    let issued = redeemed(&mut stage, &code).await;
    let refresh = issued.refresh.unwrap();
    let text = refresh.text().expose();
    let unknown = Token::new(TokenClass::Refresh, device().region, &[1; 32]);
    let prepare = stage.prepare().await;
    let thief = RefreshRequest { client: id(Kind::Institution, 2), ..refresh_request(text) };
    for (what, request) in [
        ("another client", thief),
        ("an access token", refresh_request(issued.access.text().expose())),
        ("an unknown one", refresh_request(unknown.text().expose())),
        ("none", refresh_request("")),
    ] {
        assert_eq!(rejected(prepare.refresh(&request).await), InvalidGrant, "{what}");
    }
    // Another token's wrap in its place: it does not open.
    let (own, other) = (Row::GrantWrap(refresh.id()), Row::GrantWrap(issued.access.id()));
    let wrap = stage.world.map[&key::row(grant_id(), &other)].clone();
    let good = stage.world.map.insert(key::row(grant_id(), &own), wrap).unwrap();
    let outcome = stage.prepare().await.refresh(&refresh_request(text)).await;
    assert_eq!(rejected(outcome), InvalidGrant, "the grant stands, and this opens nothing");
    stage.put(grant_id(), &own, good);
    for (to, rejection) in [(GrantState::Paused, GrantPaused), (GrantState::Revoked, GrantRevoked)]
    {
        let document_hash = Some(Digest([7; 32]));
        let command = grant::Command::Move { to, document_hash };
        stage.run(Principal::Device(device()), grant_id(), command).unwrap();
        let prepare = stage.prepare().await;
        // Said by Prepare where there is no wrap any more, by the act where there is one.
        let rejection_of = match prepare.refresh(&refresh_request(text)).await {
            Ok(issued) => stage.run(bank(), issued.target, issued.command).unwrap_err(),
            refused => rejected(refused),
        };
        assert_eq!(rejection_of, rejection);
    }
}

#[tokio::test]
async fn only_an_access_token_reads() {
    let mut stage = Stage::set();
    let code = stage.approved().await;
    let issued = redeemed(&mut stage, &code).await;
    let prepare = stage.prepare().await;
    let refresh = issued.refresh.unwrap();
    let paths = || vec![TICKED[1].to_owned()];
    let outcome = prepare.read(grant_id(), &refresh, CERTIFICATE, [1; 16], paths()).await;
    assert_eq!(rejected(outcome), InvalidToken);
    let mut run = async |token: &Token, certificate| {
        let command = prepare.read(grant_id(), token, certificate, [1; 16], paths()).await.unwrap();
        stage.run(bank(), grant_id(), command)
    };
    let unknown = Token::new(TokenClass::Access, device().region, &[1; 32]);
    assert_eq!(run(&unknown, CERTIFICATE).await, Err(InvalidToken));
    assert_eq!(run(&issued.access, Digest([4; 32])).await, Err(InvalidToken), "certificate");
    assert!(matches!(run(&issued.access, CERTIFICATE).await, Ok(Reply::Read(_))));
    // The same read again is the same use: it pins the heads, and writes none.
    let before = stage.world.head(grant_id()).unwrap();
    let command = prepare.read(grant_id(), &issued.access, CERTIFICATE, [1; 16], paths()).await;
    let commits = stage.world.commits;
    assert!(matches!(stage.run(bank(), grant_id(), command.unwrap()), Ok(Reply::Read(_))));
    assert_eq!(stage.world.commits, commits + 1);
    assert_eq!(stage.world.head(grant_id()).unwrap().revision, before.revision);
}

#[tokio::test]
async fn the_rules_are_asked_each_time_and_with_the_paths() {
    use port::Stage::{Read, Redeem};
    let mut stage = Stage::set();
    let code = stage.approved().await;
    let all = TICKED.map(str::to_owned).to_vec();
    let asked = |stage: &Stage| std::mem::take(&mut *stage.rule.asked.lock().unwrap());
    let deny = |stage: &Stage, at: Option<port::Stage>| {
        *stage.rule.says.lock().unwrap() = at.map(|at| (at, Verdict::Deny("no".into())));
    };
    deny(&stage, Some(Redeem));
    asked(&stage);
    let denied = stage.prepare().await.redeem(&code_request(&code)).await.unwrap();
    assert_eq!(stage.run(bank(), denied.target, denied.command), Err(RuleDenied));
    assert_eq!(asked(&stage), [(Redeem, all.clone())]);
    deny(&stage, None);
    let issued = redeemed(&mut stage, &code).await;
    let refresh = issued.refresh.unwrap();
    let request = refresh_request(refresh.text().expose());
    deny(&stage, Some(Redeem));
    asked(&stage);
    let denied = stage.prepare().await.refresh(&request).await.unwrap();
    assert_eq!(stage.run(bank(), denied.target, denied.command), Err(RuleDenied));
    assert_eq!(asked(&stage), [(Redeem, all)]);
    let paths = vec![TICKED[1].to_owned(), "person.phone".to_owned()];
    let prepare = stage.prepare().await;
    let read = prepare.read(grant_id(), &issued.access, CERTIFICATE, [1; 16], paths.clone()).await;
    assert_eq!(asked(&stage), [(Read, paths)]);
    let Command::Grant(grant::Command::Read(read)) = read.unwrap() else { panic!("no read") };
    assert_eq!(read.verdict, Verdict::Permit);
}

#[tokio::test]
async fn what_the_store_cannot_read_is_not_the_clients_fault() {
    let mut stage = Stage::set();
    let code = stage.approved().await;
    for head in [code_id(&code), grant_id()] {
        let good = stage.world.map.insert(key::head(head), vec![1, 2, 3]).unwrap();
        let outcome = stage.prepare().await.redeem(&code_request(&code)).await;
        let fault = matches!(outcome, Err(Refusal::Fault(StoreFault::Corrupt(_))));
        assert!(fault, "{head}: {outcome:?}");
        stage.world.map.insert(key::head(head), good);
    }
    redeemed(&mut stage, &code).await;
}

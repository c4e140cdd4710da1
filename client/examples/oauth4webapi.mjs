// The certified client `oauth4webapi` against a node: discovery, a pushed request with
// authorization details, the code by redirect, tokens, refresh, introspection, a read.
//
//   CERTIFICATE=… KEY=… CA=… node oauth4webapi.mjs ISSUER CLIENT_ID OFFER_HASH REDIRECT_URI PATH…
//
// Prints the authorization address, takes the address that the browser came back with on
// standard input, and prints what was read as one line of JSON.
import assert from "node:assert/strict";
import { randomBytes, webcrypto } from "node:crypto";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline/promises";
import { Agent, fetch } from "undici";

globalThis.crypto ??= webcrypto; // Node 18
const oauth = await import("oauth4webapi");

const [issuer, client_id, offer, redirectUri, ...paths] = process.argv.slice(2);
const file = (name) => readFileSync(process.env[name]);
const dispatcher = new Agent({ connect: { cert: file("CERTIFICATE"), key: file("KEY"), ca: file("CA") } });
const options = { [oauth.customFetch]: (url, init) => fetch(url, { ...init, dispatcher }) };
const client = { client_id, use_mtls_endpoint_aliases: true };
const authentication = oauth.TlsClientAuth();

// RFC 8414: the client itself demands that the document names the issuer it was asked for.
const asked = await oauth.discoveryRequest(new URL(issuer), { ...options, algorithm: "oauth2" });
const server = await oauth.processDiscoveryResponse(new URL(issuer), asked);
assert.equal(server.authorization_response_iss_parameter_supported, true);
assert.equal(server.require_pushed_authorization_requests, true);

// RFC 9126 with RFC 9396 and RFC 7636.
const verifier = oauth.generateRandomCodeVerifier();
const state = oauth.generateRandomState();
const details = [{ type: "urn:symbolon:consent:v1", offer }];
const pushed = await oauth.processPushedAuthorizationResponse(server, client,
  await oauth.pushedAuthorizationRequest(server, client, authentication, {
    response_type: "code", response_mode: "query", redirect_uri: redirectUri, state,
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
    code_challenge_method: "S256", authorization_details: JSON.stringify(details),
  }, options));
const authorization = new URL(server.authorization_endpoint);
authorization.searchParams.set("client_id", client_id);
authorization.searchParams.set("request_uri", pushed.request_uri);
console.log(authorization.href);

const back = new URL(await createInterface({ input: process.stdin }).question(""));
// RFC 9207: the same answer from another issuer, or without one, is refused by the client.
for (const wrong of ["https://attacker.example", undefined]) {
  const changed = new URL(back);
  changed.searchParams.delete("iss");
  if (wrong) changed.searchParams.set("iss", wrong);
  assert.throws(() => oauth.validateAuthResponse(server, client, changed, state), /iss/);
}
const answer = oauth.validateAuthResponse(server, client, back, state);

const redeem = (codeVerifier) => oauth.authorizationCodeGrantRequest(
  server, client, authentication, answer, redirectUri, codeVerifier, options);
// Another verifier is refused, and consumes nothing.
await assert.rejects(
  async () => oauth.processAuthorizationCodeResponse(server, client, await redeem(oauth.generateRandomCodeVerifier())),
  (error) => error instanceof oauth.ResponseBodyError && error.error === "invalid_grant");
const tokens = await oauth.processAuthorizationCodeResponse(server, client, await redeem(verifier));
const [granted] = tokens.authorization_details;
assert.equal(granted.type, details[0].type);
assert.equal(granted.offer, offer);

const refreshed = await oauth.processRefreshTokenResponse(server, client,
  await oauth.refreshTokenGrantRequest(server, client, authentication, tokens.refresh_token, options));
assert.notEqual(refreshed.access_token, tokens.access_token);
assert.deepEqual(refreshed.authorization_details, tokens.authorization_details);

const introspect = async (token) => oauth.processIntrospectionResponse(server, client,
  await oauth.introspectionRequest(server, client, authentication, token, options));
const live = await introspect(refreshed.access_token);
assert.equal(live.active, true);
assert.equal(live.client_id, client_id);

const partner = new URL(server.mtls_endpoint_aliases.token_endpoint).origin;
const read = await oauth.protectedResourceRequest(
  refreshed.access_token, "POST", new URL(`${partner}/v1/grants/${granted.grant}/reads`),
  new Headers({ "content-type": "application/json" }),
  JSON.stringify({ read: randomBytes(16).toString("base64url"), paths }), options);
const { items } = await read.json();

// RFC 7009.
await oauth.processRevocationResponse(
  await oauth.revocationRequest(server, client, authentication, tokens.refresh_token, options));
assert.equal((await introspect(tokens.refresh_token)).active, false);

const text = (value) => Buffer.from(value?.plaintext ?? "", "base64url").toString();
console.log(JSON.stringify(items.map(({ path, status, value }) => ({ path, status, value: text(value) }))));
await dispatcher.close();
process.exit(0);

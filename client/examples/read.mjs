#!/usr/bin/env node
// Borrow items with Symbolon: push a request, redeem the code, read. Needs `undici`.
//
//   CERTIFICATE=… KEY=… CA=… node read.mjs ISSUER CLIENT_ID OFFER_HASH REDIRECT_URI PATH…
import { createHash, randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline/promises";
import { Agent, request } from "undici";

const [issuer, client_id, offer, redirect_uri, ...paths] = process.argv.slice(2);
const file = (name) => readFileSync(process.env[name]);
const dispatcher = new Agent({ connect: { cert: file("CERTIFICATE"), key: file("KEY"), ca: file("CA") } });
const b64 = (octets) => Buffer.from(octets).toString("base64url");
async function send(url, method, body, headers = {}) {
  const { statusCode, body: answer } = await request(url, { dispatcher, method, body, headers });
  const text = await answer.text();
  if (statusCode >= 300) throw new Error(`${url}: ${statusCode} ${text}`);
  return JSON.parse(text);
}
const form = (url, fields) => send(url, "POST", new URLSearchParams(fields).toString(),
  { "content-type": "application/x-www-form-urlencoded" });

const metadata = await send(`${issuer}/.well-known/oauth-authorization-server`, "GET");
const endpoint = metadata.mtls_endpoint_aliases;
const [verifier, state] = [b64(randomBytes(32)), b64(randomBytes(16))];
const pushed = await form(endpoint.pushed_authorization_request_endpoint, {
  client_id, response_type: "code", response_mode: "query", redirect_uri, state,
  code_challenge_method: "S256", code_challenge: createHash("sha256").update(verifier).digest("base64url"),
  authorization_details: JSON.stringify([{ type: "urn:symbolon:consent:v1", offer }]) });
console.log(`${metadata.authorization_endpoint}?${new URLSearchParams({ client_id, request_uri: pushed.request_uri })}`);

const back = new URL(await createInterface({ input: process.stdin }).question("")).searchParams;
if (back.get("state") !== state || back.get("iss") !== issuer) throw new Error("this answer belongs to another request");
const token = await form(endpoint.token_endpoint, { client_id, grant_type: "authorization_code",
  code: back.get("code"), redirect_uri, code_verifier: verifier });
const grant = token.authorization_details[0].grant;
const partner = endpoint.token_endpoint.split("/oauth/")[0];
const read = await send(`${partner}/v1/grants/${grant}/reads`, "POST",
  JSON.stringify({ read: b64(randomBytes(16)), paths }),
  { authorization: `Bearer ${token.access_token}`, "content-type": "application/json" });
for (const { path, status, value } of read.items)
  console.log(path, status, Buffer.from(value?.plaintext ?? "", "base64url").toString());
process.exit(0);

#!/usr/bin/env python3
"""Borrow items with Symbolon: push a request, redeem the code, read. Needs `requests`.

    CERTIFICATE=… KEY=… CA=… read.py ISSUER CLIENT_ID OFFER_HASH REDIRECT_URI PATH…
"""
import base64, hashlib, json, os, secrets, sys, urllib.parse
import requests

issuer, client_id, offer, redirect_uri, *paths = sys.argv[1:]
http = requests.Session()
http.trust_env = False  # otherwise REQUESTS_CA_BUNDLE would replace our CA
http.cert, http.verify = (os.environ["CERTIFICATE"], os.environ["KEY"]), os.environ["CA"]
b64 = lambda octets: base64.urlsafe_b64encode(octets).rstrip(b"=").decode()

def post(url, **arguments):
    answer = http.post(url, timeout=30, **arguments)
    if not answer.ok:
        sys.exit(f"{url}: {answer.status_code} {answer.text}")
    return answer.json()

metadata = http.get(f"{issuer}/.well-known/oauth-authorization-server", timeout=30).json()
endpoint = metadata["mtls_endpoint_aliases"]
verifier, state = b64(secrets.token_bytes(32)), b64(secrets.token_bytes(16))
details = [{"type": "urn:symbolon:consent:v1", "offer": offer}]
pushed = post(endpoint["pushed_authorization_request_endpoint"], data={
    "client_id": client_id, "response_type": "code", "response_mode": "query",
    "redirect_uri": redirect_uri, "state": state, "code_challenge_method": "S256",
    "code_challenge": b64(hashlib.sha256(verifier.encode()).digest()),
    "authorization_details": json.dumps(details)})
query = urllib.parse.urlencode({"client_id": client_id, "request_uri": pushed["request_uri"]})
print(f"{metadata['authorization_endpoint']}?{query}", flush=True)

back = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(input()).query))
if (back.get("state"), back.get("iss")) != (state, issuer):
    sys.exit("this answer belongs to another request")
token = post(endpoint["token_endpoint"], data={
    "client_id": client_id, "grant_type": "authorization_code", "code": back["code"],
    "redirect_uri": redirect_uri, "code_verifier": verifier})
grant = token["authorization_details"][0]["grant"]
partner = endpoint["token_endpoint"].rsplit("/oauth/", 1)[0]
read = post(f"{partner}/v1/grants/{grant}/reads",
            json={"read": b64(secrets.token_bytes(16)), "paths": paths},
            headers={"Authorization": f"Bearer {token['access_token']}"})
for item in read["items"]:
    value = item.get("value", {}).get("plaintext", "")
    print(item["path"], item["status"], base64.urlsafe_b64decode(value + "==").decode())

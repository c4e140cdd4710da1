#!/usr/bin/env python3
"""An independent reader of Symbolon's objects and signatures, written from domain/FORMAT.md.

    open_object.py domain/vectors/object.json         opens every item, and tries to be fooled
    open_object.py domain/vectors/es256.json          verifies every signature and JWS
    open_object.py --jws FILE --jwk FILE              verifies one compact JWS, prints its payload

A case of an item: root_key, path, epoch, salt, item_id, object_id, object (hexadecimal); with
content_secret in place of root_key it opens what was lent. Needs the package `cryptography`.
"""

import argparse
import base64
import hashlib
import hmac
import json
import re
import struct
import sys

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

HEADER = 76
CHUNK = 65536
TAG = 16
PATH = re.compile(r"[a-z0-9_]+(\.[a-z0-9_]+){0,7}")


class Refused(Exception):
    """The bytes are not what they should be."""


def demand(condition, why):
    if not condition:
        raise Refused(why)


# Section 1 and 2: encoding and key tree


def lp(label, *fields):
    parts = [b"symbolon/v1/" + label.encode(), *fields]
    return b"".join(struct.pack(">I", len(part)) + part for part in parts)


def expand(key, info):
    return HKDFExpand(algorithm=SHA256(), length=32, info=info).derive(key)


def mac(key, message):
    return hmac.new(key, message, hashlib.sha256).digest()


def epoch_secret(root_key, path, epoch):
    key = root_key
    for segment in path.split("."):
        key = expand(key, lp("node", segment.encode()))
    return expand(key, lp("epoch", struct.pack(">I", epoch)))


def item_id(root_key, path):
    return mac(expand(root_key, lp("index")), path.encode())


def content_secret(root_key, path, epoch, item, salt):
    return expand(epoch_secret(root_key, path, epoch), lp("content", item, salt))


# Section 4: objects


def open_object(secret, object_id, sealed):
    """The text of an object."""
    header, body = sealed[:HEADER], sealed[HEADER:]
    demand(len(header) == HEADER, "no header")
    demand(header[:8] == b"SYMB\x01\x01\x10\x00", "another format")
    full, rest = divmod(len(body), CHUNK + TAG)
    demand(rest > TAG or (rest == 0 and full > 0) or (rest == TAG and full == 0), "no such length")
    commitment = expand(secret, lp("commit"))
    demand(hmac.compare_digest(commitment, header[44:76]), "another key")
    cipher = ChaCha20Poly1305(expand(secret, lp("aead")))
    associated_data = lp("object", object_id, header)
    text = bytearray()
    chunks = [body[at : at + CHUNK + TAG] for at in range(0, len(body), CHUNK + TAG)]
    for index, chunk in enumerate(chunks):
        last = index == len(chunks) - 1
        nonce = index.to_bytes(11, "big") + bytes([last])
        try:
            text += cipher.decrypt(nonce, chunk, associated_data)
        except InvalidTag:
            raise Refused(f"chunk {index} was changed") from None
    return bytes(text)


# Section 5: items


def read_metadata(encoded):
    """The four entries of the metadata, in deterministic CBOR."""
    rest = memoryview(encoded)

    def take(length):
        nonlocal rest
        demand(len(rest) >= length, "metadata is cut")
        taken, rest = bytes(rest[:length]), rest[length:]
        return taken

    def head():
        first = take(1)[0]
        width = {24: 1, 25: 2, 26: 4, 27: 8}.get(first & 31)
        if width is None:
            demand(first & 31 < 24, "a length that is not allowed")
            return first >> 5, first & 31
        number = int.from_bytes(take(width), "big")
        demand(number >= max(24, 1 << (width * 4) if width > 1 else 0), "a longer head than needed")
        return first >> 5, number

    def text():
        kind, length = head()
        demand(kind == 3, "not text")
        return take(length).decode()

    def unsigned():
        kind, number = head()
        demand(kind == 0, "not a number")
        return number

    demand(head() == (5, 4), "not a map of four")
    metadata = {}
    for key, read in [("path", text), ("created", unsigned), ("modified", unsigned), ("media_type", text)]:
        demand(text() == key, f"{key} is missing or not in its place")
        metadata[key] = read()
    demand(not rest, "something follows the metadata")
    return metadata


def open_item(secret, object_id, path, sealed):
    """Metadata and value of an item."""
    text = open_object(secret, object_id, sealed)
    demand(len(text) >= 4, "no metadata")
    (length,) = struct.unpack(">I", text[:4])
    demand(length <= 1024 and 4 + length <= len(text), "no metadata")
    metadata = read_metadata(text[4 : 4 + length])
    demand(metadata["path"] == path, "the item of another path")
    return metadata, text[4 + length :]


# Section 8: signatures


def unbase64url(text):
    demand(re.fullmatch(r"[A-Za-z0-9_-]*", text), "not base64url")
    decoded = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    demand(base64.urlsafe_b64encode(decoded).rstrip(b"=").decode() == text, "not canonical base64url")
    return decoded


def verify_es256(jwk, message, signature):
    demand((jwk["kty"], jwk["crv"]) == ("EC", "P-256"), "not a P-256 key")
    demand(len(signature) == 64, "not an ES256 signature")
    x, y = (int.from_bytes(unbase64url(jwk[name]), "big") for name in ("x", "y"))
    r, s = (int.from_bytes(half, "big") for half in (signature[:32], signature[32:]))
    try:
        key = ec.EllipticCurvePublicNumbers(x, y, ec.SECP256R1()).public_key()
        key.verify(utils.encode_dss_signature(r, s), message, ec.ECDSA(SHA256()))
    except (InvalidSignature, ValueError):
        raise Refused("the signature does not verify") from None


def verify_jws(compact, jwk, typ=None):
    """The payload of a compact JWS, once its signature has been verified with the JWK."""
    parts = compact.strip().split(".")
    demand(len(parts) == 3, "not a compact JWS")
    header = json.loads(unbase64url(parts[0]))
    demand(header.get("alg") == "ES256", "another algorithm")
    demand("crit" not in header, "an extension that is not known")
    demand(typ is None or header.get("typ") == typ, f"not a {typ}")
    verify_es256(jwk, f"{parts[0]}.{parts[1]}".encode(), unbase64url(parts[2]))
    return unbase64url(parts[1])


# The command


def refuses(attempt):
    try:
        attempt()
    except Refused:
        return True
    return False


def flipped(data, at):
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


def check_item(case):
    path, sealed = case["path"], bytes.fromhex(case["object"])
    object_id, salt = bytes.fromhex(case["object_id"]), bytes.fromhex(case["salt"])
    demand(len(path) <= 200 and PATH.fullmatch(path), "not a path")
    if "root_key" in case:
        root_key, item = bytes.fromhex(case["root_key"]), bytes.fromhex(case["item_id"])
        demand(item_id(root_key, path) == item, "another item id")
        secret = content_secret(root_key, path, case["epoch"], item, salt)
    else:
        secret = bytes.fromhex(case["content_secret"])
    (epoch,) = struct.unpack(">I", sealed[8:12])
    demand((epoch, sealed[12:44]) == (case["epoch"], salt), "epoch or salt are not the header's")
    metadata, value = open_item(secret, object_id, path, sealed)
    for name, made in [
        ("content_secret", secret),
        ("value_digest", hashlib.sha256(value).digest()),
        ("digest", hashlib.sha256(sealed).digest()),
    ]:
        demand(name not in case or bytes.fromhex(case[name]) == made, f"another {name}")
    demand("metadata" not in case or case["metadata"] == metadata, "other metadata")

    # A reader that accepts everything would have come this far.
    places = [0, 4, 7, 11, 12, 75, HEADER, len(sealed) - TAG, len(sealed) - 1]
    changed = [flipped(sealed, at) for at in places]
    changed += [sealed[:cut] for cut in (0, HEADER, HEADER + CHUNK + TAG, len(sealed) - 1) if cut < len(sealed)]
    changed.append(sealed + b"\0")
    for number, wrong in enumerate(changed):
        demand(refuses(lambda: open_item(secret, object_id, path, wrong)), f"change {number} was accepted")
    demand(refuses(lambda: open_item(secret, flipped(object_id, 0), path, sealed)), "another object id")
    demand(refuses(lambda: open_item(flipped(secret, 0), object_id, path, sealed)), "another secret")
    demand(refuses(lambda: open_item(secret, object_id, path + "_", sealed)), "another path")
    shown = value.decode() if len(value) < 80 else f"{len(value)} bytes"
    return f"{path}: {metadata['media_type']}, {shown}; {len(changed) + 3} changes refused"


def check_signature(case):
    message, signature = bytes.fromhex(case["message"]), bytes.fromhex(case["signature"])
    verify_es256(case["jwk"], message, signature)
    demand(refuses(lambda: verify_es256(case["jwk"], message + b"\0", signature)), "another message")
    demand(refuses(lambda: verify_es256(case["jwk"], message, flipped(signature, 63))), "another signature")
    if "jws" not in case:
        return "signature verified; 2 changes refused"
    payload = verify_jws(case["jws"], case["jwk"])
    head, body, tail = case["jws"].split(".")
    swapped = ("B" if body[0] == "A" else "A") + body[1:]
    demand(refuses(lambda: verify_jws(f"{head}.{swapped}.{tail}", case["jwk"])), "another payload")
    return f"JWS verified, payload of {len(payload)} bytes; 3 changes refused"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("vectors", nargs="*", help="files with cases")
    parser.add_argument("--jws", help="file with a compact JWS")
    parser.add_argument("--jwk", help="file with the public key, as a JWK")
    parser.add_argument("--typ", help="demand this typ, such as symbolon-selection+jwt")
    arguments = parser.parse_args()
    if not arguments.vectors and not arguments.jws:
        parser.error("nothing to read")
    if bool(arguments.jws) != bool(arguments.jwk):
        parser.error("--jws and --jwk go together")
    try:
        for name in arguments.vectors:
            with open(name) as file:
                cases = json.load(file)["cases"]
            demand(cases, f"{name} holds no cases")
            for case in cases:
                print(check_item(case) if "object" in case else check_signature(case))
        if arguments.jws:
            with open(arguments.jws) as jws, open(arguments.jwk) as jwk:
                print(verify_jws(jws.read(), json.load(jwk), arguments.typ).decode())
    except Refused as why:
        print(f"refused: {why}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

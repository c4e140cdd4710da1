#!/usr/bin/env python3
"""Computes roots of manifests and chains of records from the written format alone.

It follows sections 1, 10 and 11 of domain/FORMAT.md and no line of the Rust code, and needs
nothing but Python.

    check_hashes.py domain/vectors/manifest.json domain/vectors/record.json
"""

import hashlib
import json
import struct
import sys

STATES = {"active": 1, "paused": 2, "revoked": 3, "expired": 4, "superseded": 5}


class Refused(Exception):
    pass


def demand(condition, why):
    if not condition:
        raise Refused(why)


def lp(label, *fields):
    parts = [b"symbolon/v1/" + label.encode(), *fields]
    return b"".join(struct.pack(">I", len(part)) + part for part in parts)


def cbor(value):
    """Deterministic CBOR (RFC 8949 section 4.2.1) of what the format needs."""

    def head(kind, number):
        if number < 24:
            return bytes([kind << 5 | number])
        size = next(size for size in (1, 2, 4, 8) if number < 1 << 8 * size)
        return bytes([kind << 5 | 24 + size.bit_length() - 1]) + number.to_bytes(size, "big")

    if value is None:
        return b"\xf6"
    if isinstance(value, int):
        return head(0, value)
    if isinstance(value, bytes):
        return head(2, len(value)) + value
    if isinstance(value, str):
        return head(3, len(value.encode())) + value.encode()
    if isinstance(value, list):
        return head(4, len(value)) + b"".join(map(cbor, value))
    entries = sorted((cbor(key), cbor(member)) for key, member in value.items())
    return head(5, len(entries)) + b"".join(key + member for key, member in entries)


def read(encoded):
    """The value that this is the deterministic encoding of."""
    value, rest = decode(encoded)
    demand(not rest and cbor(value) == encoded, "not deterministic CBOR")
    return value


def decode(data):
    kind, number, rest = data[0] >> 5, data[0] & 31, data[1:]
    if (kind, number) == (7, 22):
        return None, rest
    if number >= 24:
        size = 1 << number - 24
        number, rest = int.from_bytes(rest[:size], "big"), rest[size:]
    if kind == 0:
        return number, rest
    if kind in (2, 3):
        value = rest[:number]
        return value if kind == 2 else value.decode(), rest[number:]
    demand(kind in (4, 5), "a type that is not in use")
    members = []
    for _ in range(number * (kind - 3)):
        member, rest = decode(rest)
        members.append(member)
    return members if kind == 4 else dict(zip(members[::2], members[1::2])), rest


def sha256(data):
    return hashlib.sha256(data).digest()


# Section 10


def root_of(items):
    leaves = {}
    for item in items:
        name = bytes.fromhex(item["item"])
        fields = [name, item["version"], item["epoch"]]
        fields += [bytes.fromhex(item[key]) for key in ("object", "digest")]
        fields += [item["size"], bytes.fromhex(item["salt"]), item["tombstone"]]
        leaves[name.hex()] = sha256(b"\0" + cbor(fields))
    return inner(leaves, 0)


def inner(leaves, depth):
    present, are_leaves, hashes = 0, 0, []
    for nibble in range(16):
        beneath = {name: leaf for name, leaf in leaves.items() if int(name[depth], 16) == nibble}
        if not beneath:
            continue
        present |= 1 << nibble
        if len(beneath) == 1:
            are_leaves |= 1 << nibble
            hashes += beneath.values()
        else:
            hashes.append(inner(beneath, depth + 1))
    return sha256(b"\1" + cbor([present, are_leaves, *hashes]))


def check_root(case):
    root = root_of(case["items"])
    demand(root.hex() == case["root"], f"another root: {root.hex()}")
    return f"root of {len(case['items'])} items"


# Section 11


def check_chain(case):
    previous = bytes(32)
    for place, told in enumerate(case["records"]):
        encoded = bytes.fromhex(told["record"])
        record = read(encoded)
        demand(record.keys() == {"at", "fact", "grant", "previous", "sequence"}, "other keys")
        demand(record["grant"] == case["grant"], f"record {place} is another grant's")
        demand((record["sequence"], record["previous"]) == (place, previous), "no chain")
        demand(record["at"] == told["at"], f"another time in record {place}")
        check_fact(record["fact"], told["fact"])
        previous = sha256(lp("leaf", bytes.fromhex(told["salt"]), encoded))
        demand(previous.hex() == told["leaf"], f"another leaf of record {place}")
    demand(previous.hex() == case["head"], "another head")
    return f"chain of {len(case['records'])} records"


def check_fact(fact, told):
    kinds = {
        "given": {"type", "items", "refused", "selection"},
        "used": {"type", "read", "items"},
        "moved": {"type", "to", "document"},
    }
    demand(fact["type"] == told["kind"], "another fact")
    demand(fact.keys() == kinds[fact["type"]], "other keys in a fact")
    if fact["type"] == "used":
        items = [
            {name: value.hex() if isinstance(value, bytes) else value for name, value in item.items()}
            for item in fact["items"]
        ]
        demand(items == told["items"] and len(fact["read"]) == 16, "another use")
    elif fact["type"] == "moved":
        demand(fact["to"] == STATES[told["state"]], "another state")
        demand(fact["document"] is None or len(fact["document"]) == 32, "no hash of a command")
    else:
        demand(len(fact["selection"]) == 32, "no hash of a selection")


def main():
    names = sys.argv[1:]
    if not names:
        print(__doc__, file=sys.stderr)
        return 2
    try:
        for name in names:
            with open(name) as file:
                cases = json.load(file)["cases"]
            demand(cases, f"{name} holds no cases")
            for case in cases:
                print(check_root(case) if "root" in case else check_chain(case))
    except Refused as why:
        print(f"refused: {why}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

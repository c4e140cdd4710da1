// Sealing a selection as an approval does, for the bench: bundled by it into a page of its own,
// never into one that people load.

import { base64url, random } from "../src/core/bytes.ts";
import { itemId } from "../src/core/crypto/key-tree.ts";
import { newHpkeKey, x25519Bytes, x25519Public } from "../src/core/crypto/keys.ts";
import { newId } from "../src/core/id.ts";
import { type Loan, sealLoan, sealedHash } from "../src/core/wallet/sealing.ts";

/** Milliseconds that each of `rounds` takes to seal a selection of so many items, keys included. */
export async function benchSeal(items = 50, rounds = 11): Promise<number[]> {
  const root = random(32);
  const hpkeKey = x25519Bytes(await x25519Public(await newHpkeKey()));
  const loan: Loan = {
    issuer: "https://wallet.example", client: newId("ins", "eu1"), session: newId("ses", "eu1"), grant: newId("grt", "eu1"),
    statementHash: random(32), hpkeKey, delivery: "institution", coversFuture: false, sealsHalf: true,
    items: Array.from({ length: items }, (_, number) => {
      const path = `bench.item_${number}`;
      const item = base64url(itemId(root, path));
      return { path, entry: { item, version: 1, epoch: 1, object: random(16), digest: item, size: 300, salt: random(32), tombstone: undefined } };
    }),
  };
  const times: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const start = performance.now();
    sealedHash(await sealLoan(root, loan));
    times.push(performance.now() - start);
  }
  return times;
}

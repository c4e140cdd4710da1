// A selection of fifty items, sealed as the phone's page seals it: bundled by esbuild and run
// in the page by the row `page-seal`.

import type { ItemEntry } from "../../node/web/src/core/api.ts";
import { base64url, random } from "../../node/web/src/core/bytes.ts";
import { newId } from "../../node/web/src/core/id.ts";
import { type Loan, sealLoan, warmUp } from "../../node/web/src/core/wallet/sealing.ts";

const ITEMS = 50;

/** Milliseconds of one sealing, from the root key to the last wrap. */
export async function seal(): Promise<number> {
  const loan = made();
  const root = random(32);
  // As the page does when it shows what is asked for.
  await warmUp(loan.session);
  const began = performance.now();
  const { wraps } = await sealLoan(root, loan);
  const took = performance.now() - began;
  if (wraps.length !== ITEMS) throw new Error(`${wraps.length} wraps`);
  return took;
}

function made(): Loan {
  const items = Array.from({ length: ITEMS }, (_, at) => {
    const entry: ItemEntry = {
      item: base64url(random(32)), version: 1, epoch: 1, object: random(16), digest: base64url(random(32)),
      size: 200, salt: random(32), tombstone: undefined,
    };
    return { path: `person.part_${at}.value`, entry };
  });
  return {
    issuer: location.origin,
    client: newId("ins", "eu1"),
    session: newId("ses", "eu1"),
    grant: newId("grt", "eu1"),
    statementHash: random(32),
    // Any 32 bytes are an X25519 public key.
    hpkeKey: random(32),
    delivery: "institution",
    coversFuture: false,
    sealsHalf: true,
    items,
  };
}

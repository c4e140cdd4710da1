// The recovery sheet: what lets a person in who has lost every device (domain/FORMAT.md,
// section 9). Loaded when a sheet is made or read: the list of words and the curve's
// arithmetic are of no use before.

import { p256 as curve } from "@noble/curves/nist.js";
import { entropyToMnemonic, mnemonicToEntropy } from "@scure/bip39";
import { wordlist } from "@scure/bip39/wordlists/english.js";
import { type Bytes, base64url, concat, fromBase64url, lp } from "../bytes.ts";
import { hkdf } from "../crypto/kdf.ts";
import type { P256Jwk } from "../crypto/keys.ts";
import { unwrap, wrap } from "../crypto/wrap.ts";
import { newId, randomOf } from "../id.ts";
import type { Signer } from "../jws.ts";
import { BadInput } from "../problem.ts";
import type { RecoverySheet } from "./shapes.ts";

const LINK_PATH = "/recover";

/** A sheet: whose it is, and its secret of 16 bytes. */
export class Sheet {
  private constructor(
    readonly vault: string,
    private readonly secret: Bytes,
  ) {}

  /** A sheet for a vault, from 16 random bytes. */
  static make(vault: string, secret: Bytes): Sheet {
    return new Sheet(vault, secret);
  }

  /** From its 32 bytes; they do not say the vault's region. */
  static ofBytes(region: string, bytes: Uint8Array): Sheet {
    return new Sheet(newId("vlt", region, bytes.subarray(0, 16)), concat(bytes.subarray(16)));
  }

  /** From what a person typed or scanned. `BadInput`: `words`, or `link` for what looks like one. */
  static read(region: string, text: string): Sheet {
    const bytes = text.includes("#") ? bytesOfLink(text) : bytesOfWords(text);
    return Sheet.ofBytes(region, bytes);
  }

  toBytes(): Bytes {
    return concat(randomOf(this.vault), this.secret);
  }

  /** As it stands on paper. */
  toPaper(walletOrigin: string): RecoverySheet {
    const bytes = this.toBytes();
    const words = entropyToMnemonic(bytes, wordlist).split(" ");
    return { words, link: `${walletOrigin}${LINK_PATH}#${base64url(bytes)}` };
  }

  /** The root key wrapped, for the vault to keep. */
  wrapRoot(root: Uint8Array): Bytes {
    return wrap(this.wrapKey(), this.context(), root);
  }

  /** The root key; none when the wrap is of another sheet or vault, or was changed. */
  unwrapRoot(wrapped: Uint8Array): Bytes | undefined {
    return unwrap(this.wrapKey(), this.context(), wrapped);
  }

  /** What the vault keeps to verify what the sheet signs. */
  publicKey(): P256Jwk {
    const point = curve.getPublicKey(this.signingKey(), false);
    return { kty: "EC", crv: "P-256", x: base64url(point.subarray(1, 33)), y: base64url(point.subarray(33)) };
  }

  /** Signs with the sheet. */
  readonly signer: Signer = async (message) => concat(curve.sign(message, this.signingKey()));

  /** The first of 256 candidates that is a scalar of the group; one in 2^32 is none. */
  signingKey(): Bytes {
    for (let n = 0; n < 256; n++) {
      const candidate = hkdf(this.secret, lp("recovery/sign", this.vault, Uint8Array.of(n)));
      if (curve.utils.isValidSecretKey(candidate)) return candidate;
    }
    throw new Error("no scalar in 256 hashes");
  }

  private wrapKey(): Bytes {
    return hkdf(this.secret, lp("wrap/recovery", this.vault));
  }

  private context(): Bytes {
    return lp("wrap/root-key", this.vault);
  }
}

// The sheet may have been printed when the wallet's page had another name.
function bytesOfLink(text: string): Bytes {
  const [page = "", fragment = ""] = text.trim().split("#");
  const bytes = fromBase64url(fragment, 32);
  const isLink = URL.canParse(page) && new URL(page).pathname === LINK_PATH;
  if (!isLink || bytes === undefined) throw new BadInput("link", "that is no link of a recovery sheet");
  return bytes;
}

// Typed by hand: case, numbers before the words and what is between them do not matter.
function bytesOfWords(text: string): Bytes {
  const words = text.toLowerCase().match(/[a-z]+/g) ?? [];
  if (words.length !== 24) throw new BadInput("words", `a sheet has 24 words, not ${words.length}`);
  const unknown = words.find((word) => !wordlist.includes(word));
  if (unknown !== undefined) throw new BadInput("words", `${unknown} is no word of a sheet`);
  try {
    return concat(mnemonicToEntropy(words.join(" "), wordlist));
  } catch {
    throw new BadInput("words", "the words do not fit together: one is wrong, or two have changed places");
  }
}

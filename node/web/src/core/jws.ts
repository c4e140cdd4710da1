// Compact JWS (RFC 7515) with ES256, one `typ` for each purpose (domain/FORMAT.md, section 8).
// A signature made for one purpose is worth nothing for another.

import { type Bytes, base64url, fromBase64url, utf8 } from "./bytes.ts";
import { type P256Jwk, verify as verifyEs256 } from "./crypto/keys.ts";
import { sha256 } from "./crypto/kdf.ts";
import { NotStrict, parseStrict } from "./json.ts";
import { Misshapen, type Shape, closed, oneOf, optional, text } from "./shape.ts";

/** What a signature is for, and most KiB of the whole text. */
const TYPS = {
  "dpop+jwt": 8,
  "symbolon-selection+jwt": 256,
  "symbolon-manifest+jwt": 4,
  "symbolon-command+jwt": 16,
  "symbolon-offer+jwt": 256,
  "symbolon-session+jwt": 16,
  "symbolon-keys+jwt": 64,
} as const;
export type Typ = keyof typeof TYPS;

/** A text that is no signature of the kind expected, or whose signature does not fit. */
export class NotSigned extends Error {}

/** Signs bytes: a key of WebCrypto, or one that came from a recovery sheet. */
export type Signer = (message: Uint8Array) => Promise<Bytes>;

/** Signs a payload. A DPoP proof gets the public key into its header. */
export async function signJws(signer: Signer, typ: Typ, payload: unknown, jwk?: P256Jwk): Promise<string> {
  const part = (value: unknown) => base64url(utf8(JSON.stringify(value)));
  const signed = `${part({ typ, alg: "ES256", jwk })}.${part(payload)}`;
  return `${signed}.${base64url(await signer(utf8(signed)))}`;
}

const header = closed({ typ: text, alg: oneOf("ES256"), kid: optional(text) });

/** A well-formed JWS of a purpose whose signature nobody has looked at yet. */
export class Jws {
  private constructor(
    /** The name of the key that is said to have signed. */
    readonly kid: string | undefined,
    /** The payload as received. */
    readonly payload: Bytes,
    private readonly signed: Bytes,
    private readonly signature: Bytes,
  ) {}

  /** Takes a text apart and checks its header against the purpose, or throws `NotSigned`. */
  static parse(document: string, typ: Typ): Jws {
    const [head = "", body = "", signature = "", ...more] = document.split(".");
    const parts = [fromBase64url(head), fromBase64url(body), fromBase64url(signature, 64)] as const;
    const isCompact = document.length <= TYPS[typ] * 1_024 && more.length === 0;
    if (!isCompact || !parts[0] || !parts[1] || !parts[2]) throw new NotSigned("no compact JWS with an ES256 signature");
    const { typ: found, kid } = reading(() => header(parseStrict(parts[0] as Bytes)));
    if (found !== typ) throw new NotSigned(`not of the type ${typ}`);
    return new Jws(kid, parts[1], utf8(`${head}.${body}`), parts[2]);
  }

  /** SHA-256 of the signed bytes: the document's name, and the challenge of its confirmation. */
  get digest(): Bytes {
    return sha256(this.signed);
  }

  /** The payload before anything vouches for it. Throws `NotSigned` when it has another shape. */
  claimed<T>(shape: Shape<T>): T {
    return reading(() => shape(parseStrict(this.payload)));
  }

  /** Verifies the signature, then reads the payload, or throws `NotSigned`. */
  async verify<T>(key: P256Jwk, shape: Shape<T>): Promise<T> {
    if (!(await verifyEs256(key, this.signed, this.signature))) throw new NotSigned("the signature does not fit");
    return this.claimed(shape);
  }
}

function reading<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof Misshapen || error instanceof NotStrict) throw new NotSigned(error.message);
    throw error;
  }
}

// An authenticator in software that stands in for a phone's own: it makes ES256 credentials for
// an origin and signs what it is asked, as WebAuthn (Level 3, section 6) says.

import { base64url, concat, u32, utf8 } from "../../src/core/bytes.ts";
import { sha256 } from "../../src/core/crypto/kdf.ts";

const [PRESENT_AND_VERIFIED, ATTESTED] = [0x05, 0x40];
// Our software authenticator's model: the node writes it into every grant as `swk`.
const AAGUID = Uint8Array.of(0x24, 0xe2, 0x34, 0xa5, 0xe9, 0xd6, 0x9f, 0xd7, 0x6c, 0x41, 0x0e, 0x53, 0x8d, 0xc5, 0xd4, 0x5e);
// A COSE key of ES256 (section 6.5.1.1) before x and before y.
const BEFORE_X = Uint8Array.of(0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 0x20);
const BEFORE_Y = Uint8Array.of(0x22, 0x58, 0x20);
const P256 = { name: "ECDSA", namedCurve: "P-256" };

const buffer = (bytes: Uint8Array): ArrayBuffer => concat(bytes).buffer;

/** What the person does when they are asked. */
export type Person = "confirms" | "cancels";

export class SoftwareAuthenticator {
  /** Asked so often. */
  asked = 0;
  person: Person = "confirms";
  private readonly keys = new Map<string, CryptoKey>();

  constructor(private readonly origin: string) {}

  async create({ publicKey }: CredentialCreationOptions): Promise<unknown> {
    if (publicKey === undefined) throw new TypeError("publicKey is missing");
    this.ask();
    const pair = await crypto.subtle.generateKey(P256, true, ["sign", "verify"]);
    const point = new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey));
    const id = crypto.getRandomValues(new Uint8Array(16));
    this.keys.set(base64url(id), pair.privateKey);
    const attested = concat(AAGUID, u32(id.length).subarray(2), id, BEFORE_X, point.subarray(1, 33), BEFORE_Y, point.subarray(33));
    const data = concat(this.head(publicKey.rp.id ?? "", PRESENT_AND_VERIFIED | ATTESTED), attested);
    const response = { clientDataJSON: this.clientData("webauthn.create", publicKey.challenge), getAuthenticatorData: () => buffer(data) };
    return { rawId: buffer(id), response };
  }

  async get({ publicKey }: CredentialRequestOptions): Promise<unknown> {
    if (publicKey === undefined) throw new TypeError("publicKey is missing");
    this.ask();
    const id = new Uint8Array(publicKey.allowCredentials?.[0]?.id as ArrayBuffer);
    const key = this.keys.get(base64url(id));
    if (key === undefined) throw new DOMException("no such credential", "NotAllowedError");
    const data = this.head(publicKey.rpId ?? "", PRESENT_AND_VERIFIED);
    const clientData = this.clientData("webauthn.get", publicKey.challenge);
    const signed = concat(data, sha256(new Uint8Array(clientData)));
    const signature = new Uint8Array(await crypto.subtle.sign({ name: "ECDSA", hash: "SHA-256" }, key, signed));
    const response = { clientDataJSON: clientData, authenticatorData: buffer(data), signature: buffer(der(signature)) };
    return { rawId: buffer(id), response };
  }

  private ask(): void {
    this.asked++;
    if (this.person === "cancels") throw new DOMException("the person said no", "NotAllowedError");
  }

  private head(party: string, flags: number): Uint8Array {
    return concat(sha256(utf8(party)), Uint8Array.of(flags), u32(0));
  }

  private clientData(type: string, challenge: BufferSource): ArrayBuffer {
    const bytes = new Uint8Array(ArrayBuffer.isView(challenge) ? challenge.buffer : challenge);
    return buffer(utf8(JSON.stringify({ type, challenge: base64url(bytes), origin: this.origin, crossOrigin: false })));
  }
}

// r and s as ASN.1 has them: without leading zeros, and none that looks negative.
function der(signature: Uint8Array): Uint8Array {
  const integers = [signature.subarray(0, 32), signature.subarray(32)].map((number) => {
    const trimmed = number.subarray(number.findIndex((byte) => byte !== 0));
    const body = (trimmed[0] ?? 0) >= 0x80 ? concat(Uint8Array.of(0), trimmed) : trimmed;
    return concat(Uint8Array.of(0x02, body.length), body);
  });
  const body = concat(...integers);
  return concat(Uint8Array.of(0x30, body.length), body);
}

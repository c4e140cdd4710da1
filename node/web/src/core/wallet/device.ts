// This device at its node: the proofs of its requests, its signatures, the person's
// confirmation, and its root key, opened only while it is used.

import { type Bytes, base64url, lp, random } from "../bytes.ts";
import { type P256Jwk, newHpkeKey, newSigningKey, newWrappingKey, p256Public, sign, thumbprint, x25519Bytes, x25519Public } from "../crypto/keys.ts";
import { sha256 } from "../crypto/kdf.ts";
import { isLine } from "../document/texts.ts";
import type { Holder } from "../dpop.ts";
import { type Asked, Node } from "../http.ts";
import { formatTime, idBytes } from "../id.ts";
import { Jws, type Signer, type Typ, signJws } from "../jws.ts";
import { BadInput, Untrusted } from "../problem.ts";
import type { Shape } from "../shape.ts";
import { type AssertionJson, confirm, register } from "../webauthn.ts";
import { type Identity, keep, withOpened } from "./state.ts";

/** A command that the device signed, with the person's confirmation where it needs one. */
export interface SignedCommand {
  readonly command: string;
  readonly assertion?: AssertionJson;
}

/** What a device commands: one member, whose name says what it is. */
export type Action =
  | { readonly pause_grant: { readonly grant: string } }
  | { readonly resume_grant: { readonly grant: string } }
  | { readonly revoke_grant: { readonly grant: string } }
  | { readonly revoke_device: { readonly device: string } }
  | { readonly renew_recovery: { readonly key: P256Jwk; readonly wrap: string } }
  | { readonly export: Readonly<Record<string, never>> }
  | { readonly delete_vault: Readonly<Record<string, never>> };

export class Device {
  private constructor(
    readonly node: Node,
    readonly identity: Identity,
    /** Proves what it sends. */
    readonly holder: Holder,
  ) {}

  static async of(identity: Identity): Promise<Device> {
    const signer = signerOf(identity.signing);
    const jwk = await p256Public(identity.signing);
    return new Device(new Node(location.origin), identity, { signer, jwk, token: identity.token });
  }

  /** The same device with something changed, kept. */
  async become(change: Partial<Identity>): Promise<Device> {
    const identity = { ...this.identity, ...change };
    await keep({ identity });
    return new Device(this.node, identity, { ...this.holder, token: identity.token });
  }

  read<T>(shape: Shape<T>, asked: Asked): Promise<T> {
    return this.node.read(shape, asked, this.holder);
  }

  all<T>(of: Shape<T>, path: string): Promise<T[]> {
    return this.node.all(of, path, this.holder);
  }

  async send(asked: Asked): Promise<void> {
    await this.node.send(asked, this.holder);
  }

  /** Opens the root key, lends it to `use`, and wipes it. */
  withRoot<T>(use: (root: Bytes) => T | Promise<T>): Promise<T> {
    const { root, wrapping } = this.identity;
    if (root === undefined) throw new BadInput("unknown", "this device was not let in yet");
    return withOpened(wrapping, root, use);
  }

  sign(typ: Typ, payload: unknown): Promise<string> {
    return signJws(this.holder.signer, typ, payload);
  }

  /** The person's confirmation of a signed text: an assertion over its digest. */
  confirm(document: string, typ: Typ): Promise<AssertionJson> {
    const { cluster, credentialId } = this.identity;
    return confirm(cluster.rpId, credentialId, Jws.parse(document, typ).digest);
  }

  /** Signs a command. Less access never waits for the person's finger; all else does. */
  async command(action: Action): Promise<SignedCommand> {
    const { cluster, vault, device } = this.identity;
    const command = await signCommand(this.holder.signer, cluster.issuer, vault, device, action);
    const needsPerson = "renew_recovery" in action || "export" in action || "delete_vault" in action;
    return needsPerson ? { command, assertion: await this.confirm(command, "symbolon-command+jwt") } : { command };
  }
}

export const signerOf = (pair: CryptoKeyPair): Signer => (message) => sign(pair.privateKey, message);

/** A signed command; its nonce makes the same text sent twice one command. */
export function signCommand(signer: Signer, issuer: string, vault: string, device: string, action: unknown): Promise<string> {
  const command = { issuer, vault, device, nonce: base64url(random(32)), issued: formatTime(Date.now()), action };
  return signJws(signer, "symbolon-command+jwt", command);
}

/** A new device's keys and credential, and what it registers. */
export interface NewDevice {
  readonly signing: CryptoKeyPair;
  readonly hpke: CryptoKeyPair;
  readonly wrapping: CryptoKey;
  readonly credentialId: Bytes;
  readonly registration: {
    readonly name: string;
    readonly signing_key: unknown;
    readonly hpke_key: unknown;
    readonly registration: unknown;
  };
}

/** Makes a device's keys, and a credential that is bound to them, to vault and device. Needs the person. */
export async function newDevice(rpId: string, vault: string, device: string, name: string): Promise<NewDevice> {
  if (!isLine(name, 80)) throw new BadInput("name");
  const [signing, hpke, wrapping] = await Promise.all([newSigningKey(), newHpkeKey(), newWrappingKey()]);
  const [signing_key, hpke_key] = [await p256Public(signing), await x25519Public(hpke)];
  const challenge = sha256(lp("enrol", idBytes(vault), idBytes(device), thumbprint(signing_key), x25519Bytes(hpke_key)));
  const made = await register(rpId, name, challenge);
  const registration = {
    credential_id: base64url(made.credentialId),
    client_data: base64url(made.clientData),
    authenticator_data: base64url(made.authenticatorData),
    // The node takes the authenticator's own word for what it is.
    amr: [],
  };
  return { signing, hpke, wrapping, credentialId: made.credentialId, registration: { name, signing_key, hpke_key, registration } };
}

/** The page must be the wallet's own: credentials and links are for that name alone. */
export function demandOwnPage(walletOrigin: string): void {
  if (!globalThis.isSecureContext) throw new BadInput("unsupported", "this page is not in a secure context");
  if (walletOrigin !== location.origin) throw new Untrusted("foreign_origin", `the wallet's page is ${walletOrigin}`);
}

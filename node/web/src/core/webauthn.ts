// User verification (WebAuthn Level 3): the person, not only the device, confirms. The
// challenge is the SHA-256 of the bytes that are signed elsewhere.

import { type Bytes, base64url, concat, random } from "./bytes.ts";
import { decode } from "./cbor.ts";
import { BadInput, NoUserVerification } from "./problem.ts";

/** Time for the person, milliseconds: shorter than a claimed session lives. */
const PATIENCE = 120_000;
const ES256 = -7;

/** A new credential, as the node takes it. */
export interface Registered {
  readonly credentialId: Bytes;
  readonly clientData: Bytes;
  readonly authenticatorData: Bytes;
}

/** A confirmation in JSON, as the node takes it. */
export interface AssertionJson {
  readonly credential_id: string;
  readonly client_data: string;
  readonly authenticator_data: string;
  readonly signature: string;
}

/** Makes a credential for this page that is bound to a challenge. Needs the person. */
export async function register(rpId: string, name: string, challenge: Bytes): Promise<Registered> {
  const options: PublicKeyCredentialCreationOptions = {
    rp: { id: rpId, name: "Symbolon" },
    // A new handle each time: a passkey manager must not overwrite another device's credential.
    user: { id: random(16), name, displayName: name },
    challenge,
    pubKeyCredParams: [{ type: "public-key", alg: ES256 }],
    authenticatorSelection: { userVerification: "required", residentKey: "discouraged" },
    attestation: "none",
    timeout: PATIENCE,
  };
  const made = await ceremony(() => credentials().create({ publicKey: options }));
  const response = made.response as AuthenticatorAttestationResponse;
  return {
    credentialId: bytes(made.rawId),
    clientData: bytes(response.clientDataJSON),
    authenticatorData: authenticatorData(response),
  };
}

/** Has the person confirm the bytes with this SHA-256. */
export async function confirm(rpId: string, credentialId: Bytes, digest: Bytes): Promise<AssertionJson> {
  const options: PublicKeyCredentialRequestOptions = {
    rpId,
    challenge: digest,
    allowCredentials: [{ type: "public-key", id: credentialId }],
    userVerification: "required",
    timeout: PATIENCE,
  };
  const given = await ceremony(() => credentials().get({ publicKey: options }));
  const response = given.response as AuthenticatorAssertionResponse;
  return {
    credential_id: base64url(bytes(given.rawId)),
    client_data: base64url(bytes(response.clientDataJSON)),
    authenticator_data: base64url(bytes(response.authenticatorData)),
    signature: base64url(bytes(response.signature)),
  };
}

const bytes = (buffer: ArrayBuffer): Bytes => concat(new Uint8Array(buffer));

function credentials(): CredentialsContainer {
  const found = navigator.credentials as CredentialsContainer | undefined;
  if (found === undefined) throw new NoUserVerification("insecure");
  return found;
}

async function ceremony(ask: () => Promise<Credential | null>): Promise<PublicKeyCredential> {
  let given: Credential | null;
  try {
    given = await ask();
  } catch (error) {
    throw refused(error);
  }
  if (given === null) throw new NoUserVerification("cancelled");
  return given as PublicKeyCredential;
}

// Browsers say little, so that pages learn nothing of who sits there (section 14.5).
function refused(error: unknown): unknown {
  if (!(error instanceof DOMException)) return error;
  if (error.name === "SecurityError") return new NoUserVerification("insecure", { cause: error });
  const isUnable = error.name === "NotSupportedError" || error.name === "ConstraintError";
  return new NoUserVerification(isUnable ? "unsupported" : "cancelled", { cause: error });
}

// `getAuthenticatorData` came later to WebKit than the rest; the attestation object holds the
// same (section 6.5).
function authenticatorData(response: AuthenticatorAttestationResponse): Bytes {
  const ask = response.getAuthenticatorData as (() => ArrayBuffer) | undefined;
  if (ask !== undefined) return bytes(ask.call(response));
  const object = decode(bytes(response.attestationObject));
  const data: unknown = object instanceof Map ? object.get("authData") : undefined;
  if (!(data instanceof Uint8Array)) throw new BadInput("unsupported", "the authenticator gave no data");
  return concat(data);
}

// What a browser must have before a vault can be made in it.

export type Lack =
  /** Not https, or a certificate that the browser does not trust enough. */
  | "insecure"
  /** Opened by a number: a credential is for a name. */
  | "address"
  /** Nothing that can verify a person. */
  | "webauthn"
  /** Too old, or storage is switched off. */
  | "old";

/** An IPv4 or IPv6 address where a name should be. */
export const isAddress = (host: string): boolean => /^\d+(\.\d+){3}$/.test(host) || host.includes(":");

/**
 * Safari on a phone: what it stores for a page goes after a week without a visit, and a page on
 * the home screen has a storage of its own.
 */
export function isInSafari(agent = navigator.userAgent): boolean {
  const isApple = /iPhone|iPad/.test(agent) || (/Macintosh/.test(agent) && navigator.maxTouchPoints > 1);
  return isApple && !matchMedia("(display-mode: standalone)").matches;
}

export function lack(): Lack | undefined {
  if (!isSecureContext) return "insecure";
  if (isAddress(location.hostname)) return "address";
  if (!("PublicKeyCredential" in globalThis)) return "webauthn";
  const needed = globalThis.crypto?.subtle && globalThis.indexedDB && globalThis.navigator.locks;
  return needed ? undefined : "old";
}

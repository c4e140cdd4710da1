// What codes hold: a session's link, a recovery sheet's, a phone's hint, a screen's enrolment.

import { isToken } from "./crypto/token.ts";
import { fromBase64url } from "./bytes.ts";
import { isId } from "./id.ts";
import { BadInput } from "./problem.ts";
import type { SessionLink } from "./wallet/shapes.ts";

/** What a camera, a paste or the page's own address held. */
export type ReadCode =
  /** A session's code: `scan` it. */
  | { readonly kind: "session"; readonly link: SessionLink }
  /** A recovery sheet: `Wallet.recover` takes the text. */
  | { readonly kind: "recovery"; readonly text: string }
  /** A code that a phone shows a terminal: nothing for a phone. */
  | { readonly kind: "hint" };

/** Most characters of a link. */
const LINK_MAX = 200;

interface Parts {
  readonly origin: string;
  readonly path: string;
  readonly fragment: string;
}

// An https address with a fragment, and with nothing that hides where it points.
function parts(text: string): Parts | undefined {
  const trimmed = text.trim();
  if (trimmed.length > LINK_MAX || !URL.canParse(trimmed)) return undefined;
  const { protocol, username, password, search, origin, pathname, hash } = new URL(trimmed);
  const isBare = protocol === "https:" && username === "" && password === "" && search === "";
  return isBare && hash !== "" ? { origin, path: pathname, fragment: hash.slice(1) } : undefined;
}

function sessionLink({ origin, path, fragment }: Parts): SessionLink | undefined {
  const session = path.startsWith("/s/") ? path.slice(3) : "";
  const fits = isId("ses", session) && fromBase64url(fragment, 16) !== undefined;
  return fits ? { origin, session, thumbprint: fragment } : undefined;
}

/** Reads a code. Throws `BadInput` (`link`) for anything else. */
export function readCode(text: string): ReadCode {
  const found = parts(text);
  if (found !== undefined) {
    const link = sessionLink(found);
    if (link !== undefined) return { kind: "session", link };
    if (found.path === "/recover" && fromBase64url(found.fragment, 32)) return { kind: "recovery", text: text.trim() };
    if (found.path === "/h" && isToken("hnt", found.fragment)) return { kind: "hint" };
  }
  throw new BadInput("link", "that is no link of a Symbolon code");
}

/** The link of a session's code, or `BadInput` (`link`). Takes `location.href` of `/s/…` too. */
export function parseLink(text: string): SessionLink {
  const code = readCode(text);
  if (code.kind !== "session") throw new BadInput("link", "that is no code of a session");
  return code.link;
}

/** The hint in what a scanner read from a phone: `https://{wallet host}/h#…`, or alone. `BadInput`: `code`. */
export function parseHint(text: string): string {
  const found = parts(text);
  const hint = found === undefined ? text.trim() : found.path === "/h" ? found.fragment : "";
  if (!isToken("hnt", hint)) throw new BadInput("code", "that is no code that a phone shows a terminal");
  return hint;
}

/** What is typed, scanned or linked to enrol a screen. */
export interface Enrolment {
  readonly frontEnd: string;
  readonly code: string;
}

/**
 * Reads an enrolment: `https://{wallet host}/front-end#enrol={id}:{code}`, the same fragment
 * alone, or the id and the code with a space between. `BadInput`: `code`.
 */
export function parseEnrolment(text: string): Enrolment {
  const [frontEnd = "", code = "", ...more] = text.trim().replace(/^.*#/s, "").replace(/^enrol=/, "").split(/[:\s]+/);
  const fits = isId("fre", frontEnd) && isToken("enr", code) && more.length === 0;
  if (!fits) throw new BadInput("code", "that is no front end's id with its enrolment code");
  return { frontEnd, code };
}

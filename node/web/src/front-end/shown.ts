// What a screen can show, when it is over, and what a refusal says of a session.

import { type EndReason, Problem, type SessionStage, Unreachable, Untrusted } from "../core/front-end.ts";
import { CLAIMED_MS, OPEN_MS } from "./time.ts";

/** How long the institution may take to push a request. */
const ANSWER_MS = 20_000;
/** How long an end stays, if nobody touches the screen. */
export const DONE_MS = 20_000;
export const ENDED_MS = 40_000;

/** How a session ended, as the screen tells it. */
export type End = EndReason | "unknown";

/** Why the idle screen has something to say. */
export type Notice = "no_hint" | "hint_refused";

/** What may go wrong without being wrong itself: the node refuses, is away, or is not understood. */
export type Refused = Problem | Unreachable | Untrusted;

export const isRefused = (error: unknown): error is Refused =>
  error instanceof Problem || error instanceof Unreachable || error instanceof Untrusted;

/** What is shown. `expires` is a time of this machine's clock. */
export type Shown =
  | { readonly name: "idle"; readonly notice: Notice | undefined }
  | { readonly name: "waiting"; readonly hint: string | undefined }
  | { readonly name: "code"; readonly session: string; readonly link: string | undefined; readonly expires: number }
  | { readonly name: "invited"; readonly session: string; readonly expires: number }
  | { readonly name: "number"; readonly session: string; readonly expires: number; readonly isSending: boolean }
  | { readonly name: "choosing"; readonly session: string; readonly expires: number }
  | { readonly name: "ended"; readonly end: End; readonly toScan: boolean; readonly until: number }
  | { readonly name: "problem"; readonly what: Refused | "no_answer"; readonly until: number }
  /** The node knows this screen's key no more: it was removed, or invited anew. */
  | { readonly name: "unknown" };

/** When something else is shown, if nothing happens. */
export function dueOf(shown: Shown): number | undefined {
  switch (shown.name) {
    case "idle": return shown.notice === undefined ? undefined : Date.now() + ENDED_MS;
    case "waiting": return Date.now() + ANSWER_MS;
    case "code": case "invited": case "number": case "choosing": return shown.expires;
    case "ended": case "problem": return shown.until;
    case "unknown": return undefined;
  }
}

/** How long a session can be in a stage. */
export function lifeOf(stage: SessionStage): number {
  return stage === "open" ? OPEN_MS : CLAIMED_MS;
}

/** What a refusal says of the session itself. */
export function endOf(code: string): End | undefined {
  switch (code) {
    case "wrong_number": return "wrong_number";
    case "session_expired": case "not_found": return "expired";
    case "session_ended": return "unknown";
    default: return undefined;
  }
}

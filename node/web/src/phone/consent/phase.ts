// Where a consent is, from the code to what became of it.
import { type Answered, type Asked, type EndReason, Problem, type Scanned, type SessionView, Unreachable } from "../../core/wallet.ts";

export type Phase =
  | { readonly at: "checking" }
  /** Verified and nobody's yet: who, where, what for. */
  | { readonly at: "session"; readonly scanned: Scanned }
  /** Taken for this device: its number is typed at the other screen. */
  | { readonly at: "number"; readonly scanned: Scanned; readonly view: SessionView }
  /** Confirmed: what is asked for is on its way. */
  | { readonly at: "opening"; readonly scanned: Scanned; readonly view: SessionView }
  | { readonly at: "ask"; readonly asked: Asked; readonly view: SessionView }
  | { readonly at: "verify"; readonly asked: Asked; readonly view: SessionView; readonly ticked: readonly string[] }
  | { readonly at: "done"; readonly asked: Asked; readonly ticked: readonly string[]; readonly answered: Answered }
  | { readonly at: "denied"; readonly scanned: Scanned }
  | { readonly at: "ended"; readonly reason: EndReason }
  | { readonly at: "problem"; readonly error: unknown };

/** How long a code waits for a phone (PROTOCOL 3.2): the statement says only when all is over. */
const OPEN_MS = 120_000;

/** Until when somebody can take the session, by the node's clock. */
export const openUntil = (it: Scanned): number => Math.min(it.expires, it.issued + OPEN_MS);

/** The phase of a session as the node tells it. */
export function phaseOf(scanned: Scanned, view: SessionView): Phase {
  switch (view.stage) {
    case "claimed": return { at: "number", scanned, view };
    case "confirmed": return { at: "opening", scanned, view };
    case "ended": return { at: "ended", reason: view.end ?? "expired" };
    default: return { at: "session", scanned };
  }
}

/** Whether a refusal means that the session is over, and how. */
export function endOf(error: unknown): EndReason | undefined {
  if (!(error instanceof Problem)) return undefined;
  if (error.code === "session_expired") return "expired";
  if (error.code === "wrong_number") return "wrong_number";
  return undefined;
}

/** Whether the same again may go well: the network or the node was at fault. */
export const mayPass = (error: unknown): boolean =>
  error instanceof Unreachable || (error instanceof Problem && (error.status >= 500 || error.retryAfterMs !== undefined));

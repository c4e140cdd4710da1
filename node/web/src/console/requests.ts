// The institution's requests and what came of them, told from its events.

import type { EndReason, SessionStage } from "../core/wallet/shapes.ts";
import type { EventBody } from "./api.ts";

/** One step of a request. */
export interface Step {
  readonly at: number;
  readonly stage: SessionStage;
  readonly end: EndReason | undefined;
}

export interface Request {
  readonly session: string;
  /** What it went through, first to last, as far as the events reach back. */
  readonly steps: readonly Step[];
  /** What it led to. */
  readonly grant: string | undefined;
}

/** One more use of a grant, or another state. */
export interface GrantStep {
  readonly at: number;
  readonly state: string;
  readonly uses: number;
  readonly chain: string;
}

export interface Requests {
  /** By session, in the order in which they began. */
  readonly sessions: ReadonlyMap<string, Request>;
  /** By grant, what became of it. */
  readonly grants: ReadonlyMap<string, readonly GrantStep[]>;
}

export const none: Requests = { sessions: new Map(), grants: new Map() };

/** Most sessions and grants that are kept: the oldest give way. */
const KEPT_MAX = 1_000;
const STEPS_MAX = 200;

/** An event and its time. */
export interface Told {
  readonly body: EventBody;
  readonly at: number;
}

/** What is known after these events too. */
export function addAll(known: Requests, told: readonly Told[]): Requests {
  const sessions = new Map(known.sessions);
  const grants = new Map(known.grants);
  for (const { body, at } of told) {
    if (body.kind === "session") {
      const { session, stage, end } = body.value;
      const before = sessions.get(session) ?? { session, steps: [], grant: undefined };
      sessions.set(session, { ...before, steps: [...before.steps, { at, stage, end }] });
    } else if (body.kind === "code") {
      const { session, grant } = body.value;
      sessions.set(session, { ...(sessions.get(session) ?? { session, steps: [] }), grant });
    } else if (body.kind === "grant") {
      const { grant, ...step } = body.value;
      grants.set(grant, [...(grants.get(grant) ?? []), { at, ...step }].slice(-STEPS_MAX));
    }
  }
  return { sessions: bounded(sessions), grants: bounded(grants) };
}

function bounded<T>(map: Map<string, T>): Map<string, T> {
  for (const oldest of map.keys()) {
    if (map.size <= KEPT_MAX) break;
    map.delete(oldest);
  }
  return map;
}

/** Whether it can still lead to something. */
export const isRunning = (request: Request): boolean => {
  const last = request.steps.at(-1);
  return last !== undefined && last.stage !== "ended";
};

/** By their last step. */
export const newestFirst = (known: Requests): Request[] =>
  [...known.sessions.values()].sort((a, b) => (b.steps.at(-1)?.at ?? 0) - (a.steps.at(-1)?.at ?? 0));

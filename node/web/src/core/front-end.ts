// A front end: a screen that shows QR codes, with a key of its own that cannot leave the
// browser. Every method that talks to the node may throw `Problem` and `Unreachable`.

import type { EndReason, SessionStage, SessionView } from "./wallet/shapes.ts";

export type { EndReason, SessionStage, SessionView };
export * from "./problem.ts";

const todo = (): never => { throw new Error("not written yet"); };

/** What is typed, scanned or linked to enrol a screen. */
export interface Enrolment {
  readonly frontEnd: string;
  readonly code: string;
}

/**
 * Reads an enrolment: `https://{wallet host}/front-end#enrol={front end's id}:{code}`, as the
 * demo and the console print it, the same fragment alone (with or without `#`), `id:code`, or
 * the id and the code with white space between. `BadInput`: `code`.
 */
export function parseEnrolment(text: string): Enrolment { void text; return todo(); }

/** The hint in what a scanner read from a phone: `https://{wallet host}/h#…`, or alone. `BadInput`: `code`. */
export function parseHint(text: string): string { void text; return todo(); }

/** What to open: a request that was pushed for this screen, or one by its `request_uri`. */
export type Pushed = { readonly session: string } | { readonly requestUri: string };

/** An opened session. */
export interface OpenedSession {
  readonly view: SessionView;
  /** What the QR code holds: draw it with `qrCode` of `qr.ts`. */
  readonly link: string;
  /** Until when it waits to be claimed. */
  readonly expires: number;
}

/** What happened to the screen's sessions. */
export type FrontEndEvent =
  | { readonly kind: "session"; readonly at: number; readonly session: string; readonly stage: SessionStage; readonly end: EndReason | undefined }
  | { readonly kind: "other"; readonly at: number; readonly name: string };

export class FrontEnd {
  /** The front end of this browser; none before it was enrolled. Needs no network. */
  static open(): Promise<FrontEnd | undefined> { return todo(); }

  /** Binds a new key to a registered front end. `Problem`: a code that is wrong, used or too old. */
  static enrol(enrolment: Enrolment): Promise<FrontEnd> { void enrolment; return todo(); }

  get id(): string { return todo(); }
  /** What phones show. */
  get name(): string { return todo(); }
  /** Where it stands, as phones show it. */
  get place(): string { return todo(); }

  /** Asks the institution for a request: it may push one, which is a `session` event with stage `pushed`. */
  ask(): Promise<void> { return todo(); }

  /** Opens a session; with a hint for the phone that showed it alone (`Problem` `invalid_hint`: try again). */
  openSession(what: Pushed, hint?: string): Promise<OpenedSession> { void what; void hint; return todo(); }

  /** Where a session is. */
  session(session: string): Promise<SessionView> { void session; return todo(); }

  /** Types the two digits that the phone shows. One try: `Problem` `wrong_number` ends the session. */
  typeNumber(session: string, number: string): Promise<SessionView> { void session; void number; return todo(); }

  /** Gives a session up. */
  cancel(session: string): Promise<void> { void session; return todo(); }

  /** The code as the node draws it, an SVG image: a URL for `<img>`; revoke it when done. */
  qrImage(session: string): Promise<string> { void session; return todo(); }

  /**
   * What happens to the sessions of this screen; as `Wallet.events`. `connected` is told when the
   * node is heard, and when it is not any more.
   */
  events(signal: AbortSignal, connected?: (is: boolean) => void): AsyncGenerator<FrontEndEvent, void, void> { void signal; void connected; return todo(); }

  /** Forgets the key, for a screen that was removed. */
  forget(): Promise<void> { return todo(); }
}

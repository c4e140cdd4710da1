// What the screen is doing: one session after the other, moved on by the node's events and by
// whoever stands there. It draws nothing; the screens show its state.

import { pause } from "../core/events.ts";
import { BadInput, Problem, Unreachable, parseHint } from "../core/front-end.ts";
import type { FrontEnd, FrontEndEvent, SessionView } from "../core/front-end.ts";
import { type Store, store } from "../ui/store.ts";
import { remembered } from "./remembered.ts";
import { DONE_MS, ENDED_MS, type End, type Shown, dueOf, endOf, isRefused, lifeOf } from "./shown.ts";
import { CLAIMED_MS, PUSHED_MS, deadline } from "./time.ts";

/** What of a front end the screen needs. */
export type Desk = Pick<FrontEnd, "ask" | "openSession" | "session" | "typeNumber" | "cancel" | "events">;

/** How long a stream's beginning takes to arrive. */
const REPLAY_MS = 500;
/** When a screen may ask again. */
const ASK_AGAIN_MS = 2_000;
/** How long nothing is tried after a minute of tries. */
const PAUSE_MS = 5_000;

export class Kiosk {
  readonly shown: Store<Shown> = store<Shown>({ name: "idle", notice: undefined });
  /** Whether the node is heard. */
  readonly isConnected: Store<boolean> = store(true);
  /** Pushed for this screen while something else was shown, by when they came. */
  #pushed = new Map<string, number>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** A stream begins with what has happened already. */
  #replayedUntil = 0;
  /** Two of a session's messages may cross: what was begun before the last step counts no more. */
  #step = 0;

  constructor(readonly desk: Desk) {}

  /** Follows the node's events until the signal ends. */
  async follow(signal: AbortSignal): Promise<void> {
    let before = remembered.get();
    const connected = (is: boolean) => {
      this.isConnected.set(is);
      if (!is) return;
      this.#replayedUntil = Date.now() + REPLAY_MS;
      // After a while without events only a look says where it is now.
      const shown = this.shown.get();
      const session = "session" in shown ? shown.session : before;
      before = undefined;
      if (session !== undefined) void this.#attempt(() => this.#look(session), true);
    };
    while (!signal.aborted) {
      try {
        for await (const event of this.desk.events(signal, connected)) this.#hear(event);
      } catch (error) {
        if (this.#isUnknown(error)) break;
        if (!isRefused(error)) throw error;
        this.isConnected.set(false);
        await pause(PAUSE_MS, signal);
      }
    }
    clearTimeout(this.#timer);
  }

  /** Somebody wants to begin; with what was scanned from their phone, if it was. */
  async start(hint?: string): Promise<void> {
    const waiting = this.#newest();
    this.#show({ name: "waiting", hint });
    if (waiting !== undefined) return this.#attempt(() => this.#open(waiting));
    await this.#attempt(() => this.#ask());
  }

  async #ask(): Promise<void> {
    const step = this.#step;
    try {
      await this.desk.ask();
    } catch (error) {
      if (!(error instanceof Problem && error.code === "asked_too_soon")) throw error;
      // It was for the last one who stood here, who had an answer: this one asks as soon as may be.
      await pause(error.retryAfterMs ?? ASK_AGAIN_MS);
      if (step === this.#step) await this.#ask();
    }
  }

  /** A scanner read something. */
  async scanned(readings: readonly string[]): Promise<void> {
    const shown = this.shown.get();
    if (!["idle", "code", "ended", "problem", "waiting"].includes(shown.name)) return;
    const hint = hintOf(readings);
    if (hint === undefined) {
      if (shown.name === "idle" || shown.name === "problem") this.#show({ name: "idle", notice: "no_hint" });
      return;
    }
    // A request that waits for a camera cannot be given to one phone any more: the next can.
    if (shown.name === "code") void this.#giveUp(shown.session);
    if (shown.name === "waiting") this.#show({ ...shown, hint });
    else await this.start(hint);
  }

  /** Types the two digits. */
  async typeNumber(number: string): Promise<void> {
    const shown = this.shown.get();
    if (shown.name !== "number" || shown.isSending) return;
    this.#show({ ...shown, isSending: true });
    const { session } = shown;
    await this.#attempt(async () => {
      try {
        this.#adopt(await this.desk.typeNumber(session, number));
      } catch (error) {
        const over = error instanceof Problem ? endOf(error.code) : undefined;
        // It ended before the number came: how, only a look says.
        if (over === "unknown") return this.#look(session);
        if (over !== undefined) return this.#end(over);
        // Whether it arrived is not known: where the session is says so.
        if (error instanceof Unreachable) this.#show({ ...shown, isSending: false });
        else throw error;
      }
    });
  }

  /** Whoever stands there gives up, or has read the end. */
  async leave(): Promise<void> {
    const shown = this.shown.get();
    this.#home();
    if ("session" in shown) await this.#giveUp(shown.session);
  }

  /** Somebody is still reading: an end stays a while longer. */
  touch(): void {
    const shown = this.shown.get();
    if ((shown.name === "ended" || shown.name === "problem") && shown.until - Date.now() < ENDED_MS / 2) {
      this.#show({ ...shown, until: Date.now() + ENDED_MS });
    }
  }

  #hear(event: FrontEndEvent): void {
    if (event.kind !== "session") return;
    const shown = this.shown.get();
    const { session, stage, end } = event;
    if (stage === "pushed") {
      this.#pushed.set(session, Date.now());
      // What is told again may have been opened since: that comes with the next events.
      const told = Math.max(0, this.#replayedUntil - Date.now());
      if (told === 0) this.#openPushed(session);
      else setTimeout(() => this.#openPushed(session), told);
      return;
    }
    this.#pushed.delete(session);
    if (!("session" in shown) || shown.session !== session) return;
    if (stage === "claimed" && (shown.name === "code" || shown.name === "invited")) {
      this.#show({ name: "number", session, expires: deadline(event.at + CLAIMED_MS, CLAIMED_MS), isSending: false });
    } else if (stage === "confirmed" && shown.name !== "choosing") {
      this.#show({ name: "choosing", session, expires: shown.expires });
    } else if (stage === "ended") {
      this.#end(end ?? "unknown", session);
    }
  }

  #openPushed(session: string): void {
    const shown = this.shown.get();
    const isFree = shown.name === "idle" || shown.name === "waiting" || (shown.name === "problem" && shown.what === "no_answer");
    if (isFree && this.#pushed.has(session)) void this.#attempt(() => this.#open(session));
  }

  async #open(session: string): Promise<void> {
    const shown = this.shown.get();
    const hint = shown.name === "waiting" ? shown.hint : undefined;
    try {
      const { view, link } = await this.desk.openSession({ session }, hint);
      this.#pushed.delete(session);
      this.#adopt(view, link);
    } catch (error) {
      if (error instanceof Problem && error.code === "invalid_hint") {
        // The request still waits: the next code, or none, opens it.
        this.#show({ name: "idle", notice: "hint_refused" });
        return;
      }
      this.#pushed.delete(session);
      // Opened before this page was loaded, or over by now.
      if (error instanceof Problem && ["wrong_state", "session_expired", "session_ended", "not_found"].includes(error.code)) {
        return this.#look(session);
      }
      throw error;
    }
  }

  /** Where is it really? What was heard meanwhile knows better. */
  async #look(session: string): Promise<void> {
    const step = this.#step;
    const isLate = () => step !== this.#step && this.shown.get().name !== "idle";
    try {
      const view = await this.desk.session(session);
      if (!isLate()) this.#adopt(view);
    } catch (error) {
      const over = error instanceof Problem ? endOf(error.code) : undefined;
      if (over === undefined) throw error;
      if (!isLate() && this.#shows(session)) this.#end(over);
    }
  }

  #adopt(view: SessionView, link?: string): void {
    const { session, stage } = view;
    const shown = this.shown.get();
    const isShown = this.#shows(session);
    const expires = deadline(view.expires, lifeOf(stage));
    if (stage === "open" && view.invited) return this.#show({ name: "invited", session, expires });
    if (stage === "open") {
      const known = shown.name === "code" && isShown ? shown.link : undefined;
      return this.#show({ name: "code", session, link: link ?? known, expires });
    }
    if (stage === "claimed") return this.#show({ name: "number", session, expires, isSending: false });
    if (stage === "confirmed") return this.#show({ name: "choosing", session, expires });
    if (stage === "ended" && isShown) return this.#end(view.end ?? "unknown", session, view.responseMode === "symbolon.scan");
    // One that ended before this page was loaded is nobody's any more.
    if (!("session" in shown)) remembered.set(undefined);
  }

  #end(end: End, session?: string, toScan = false): void {
    if (end === "cancelled" && session === undefined) return this.#home();
    this.#show({ name: "ended", end, toScan, until: Date.now() + (end === "approved" ? DONE_MS : ENDED_MS) });
    // Only the view says on which channel the code travels: then the phone still shows one.
    if (end === "approved" && session !== undefined && !toScan) {
      const step = this.#step;
      void this.#attempt(async () => {
        const view = await this.desk.session(session);
        const shown = this.shown.get();
        if (step === this.#step && shown.name === "ended" && view.responseMode === "symbolon.scan") {
          this.#show({ ...shown, toScan: true });
        }
      }, true);
    }
  }

  #home(): void {
    this.#show({ name: "idle", notice: undefined });
    const waiting = this.#newest();
    if (waiting !== undefined) void this.#attempt(() => this.#open(waiting));
  }

  /** The newest request that waits for this screen. */
  #newest(): string | undefined {
    let newest: string | undefined;
    for (const [session, at] of this.#pushed) {
      if (Date.now() - at < PUSHED_MS) newest = session;
      else this.#pushed.delete(session);
    }
    return newest;
  }

  async #giveUp(session: string): Promise<void> {
    // It would end by itself: to free its place at once is a kindness.
    await this.desk.cancel(session).catch(() => undefined);
  }

  #show(shown: Shown): void {
    this.#step += 1;
    remembered.set("session" in shown ? shown.session : undefined);
    clearTimeout(this.#timer);
    const due = dueOf(shown);
    if (due !== undefined) this.#timer = setTimeout(() => this.#due(), Math.max(0, due - Date.now()));
    this.shown.set(shown);
  }

  /** The time of what is shown is over. */
  #due(): void {
    const shown = this.shown.get();
    if (shown.name === "ended" || shown.name === "problem") this.#home();
    else if (shown.name === "waiting") this.#show({ name: "problem", what: "no_answer", until: Date.now() + ENDED_MS });
    else if (shown.name === "idle") this.#show({ name: "idle", notice: undefined });
    else if ("session" in shown) void this.#overdue(shown.session);
  }

  async #overdue(session: string): Promise<void> {
    try {
      const view = await this.desk.session(session);
      if (!this.#shows(session)) return;
      if (view.stage === "ended") this.#end(view.end ?? "unknown", session);
      // Its time is over, whether the node has written that down yet or not.
      else if (view.expires <= Date.now() + 5_000) this.#end("expired");
      else this.#adopt(view);
    } catch (error) {
      if (!this.#shows(session)) return;
      this.#end(error instanceof Problem ? (endOf(error.code) ?? "unknown") : "unknown");
    }
  }

  #shows(session: string): boolean {
    const shown = this.shown.get();
    return "session" in shown && shown.session === session;
  }

  async #attempt(what: () => Promise<void>, quiet = false): Promise<void> {
    try {
      await what();
    } catch (error) {
      if (this.#isUnknown(error)) return;
      if (!isRefused(error)) throw error;
      if (!quiet) this.#show({ name: "problem", what: error, until: Date.now() + ENDED_MS });
    }
  }

  #isUnknown(error: unknown): boolean {
    const isUnknown = error instanceof Problem && (error.code === "invalid_token" || error.code === "forbidden");
    if (isUnknown) this.#show({ name: "unknown" });
    return isUnknown;
  }
}

function hintOf(readings: readonly string[]): string | undefined {
  for (const reading of readings) {
    try {
      return parseHint(reading);
    } catch (error) {
      if (!(error instanceof BadInput)) throw error;
    }
  }
  return undefined;
}


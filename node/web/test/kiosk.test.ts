// The screen's states, moved on by a node that is played here.

import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";
import { newId } from "../src/core/id.ts";
import type { EndReason, FrontEndEvent, SessionStage, SessionView } from "../src/core/front-end.ts";
import { Problem, Unreachable, Untrusted } from "../src/core/problem.ts";
import { type Desk, Kiosk } from "../src/front-end/kiosk.ts";

const NOW = 1_800_000_000_000;
const HINT = `https://wallet.example/h#hnt_eu1_${"A".repeat(43)}`;

const refused = (code: string, retryAfterMs?: number) => new Problem(code, code, "", "client", 400, retryAfterMs, "");
const ticks = async () => { for (let turn = 0; turn < 20; turn++) await Promise.resolve(); };

class Node implements Desk {
  readonly asked: string[] = [];
  readonly stages = new Map<string, SessionView>();
  tell: (event: FrontEndEvent) => void = () => undefined;
  connected: (is: boolean) => void = () => undefined;
  fails: Partial<Record<"ask" | "openSession" | "session" | "typeNumber", Error[]>> = {};

  #maybe(what: keyof Node["fails"], detail: string): void {
    this.asked.push(`${what} ${detail}`.trim());
    const error = this.fails[what]?.shift();
    if (error !== undefined) throw error;
  }

  view(session: string, stage: SessionStage, end?: EndReason, more: Partial<SessionView> = {}): SessionView {
    const view: SessionView = { session, stage, end, responseMode: "symbolon.session", expires: Date.now() + (stage === "open" ? 120_000 : 600_000), number: undefined, grant: undefined, invited: false, ...more };
    this.stages.set(session, view);
    return view;
  }

  async ask() { this.#maybe("ask", ""); }
  async openSession(what: { session: string } | { requestUri: string }, hint?: string) {
    const session = "session" in what ? what.session : "";
    this.#maybe("openSession", hint === undefined ? "" : "hint");
    const view = this.view(session, "open", undefined, { invited: hint !== undefined });
    return { view, link: `https://wallet.example/s/${session}#x`, expires: view.expires };
  }
  async session(session: string) {
    this.#maybe("session", "");
    const view = this.stages.get(session);
    if (view === undefined) throw refused("not_found");
    return view;
  }
  async typeNumber(session: string, number: string) {
    this.#maybe("typeNumber", number);
    return this.view(session, "confirmed");
  }
  async cancel(session: string) { this.asked.push("cancel"); this.stages.delete(session); }
  async *events(signal: AbortSignal, connected?: (is: boolean) => void): AsyncGenerator<FrontEndEvent, void, void> {
    this.connected = connected ?? this.connected;
    this.connected(true);
    const waiting: FrontEndEvent[] = [];
    let wake = () => undefined as void;
    this.tell = (event) => { waiting.push(event); wake(); };
    signal.addEventListener("abort", () => wake());
    while (!signal.aborted) {
      const event = waiting.shift();
      if (event !== undefined) yield event;
      else await new Promise<void>((over) => { wake = over; });
    }
  }
}

interface Stage { node: Node; kiosk: Kiosk; name: () => string; moved: (session: string, stage: SessionStage, end?: EndReason) => Promise<void>; over: AbortController }
let stage: Stage;

async function later(millis: number) {
  for (let gone = 0; gone < millis; gone += 500) {
    mock.timers.tick(Math.min(500, millis - gone));
    await ticks();
  }
}

beforeEach(async () => {
  mock.timers.enable({ apis: ["setTimeout", "Date"], now: NOW });
  const node = new Node();
  const kiosk = new Kiosk(node);
  const over = new AbortController();
  void kiosk.follow(over.signal);
  await ticks();
  await later(1_000);
  const moved = async (session: string, stage: SessionStage, end?: EndReason) => {
    node.tell({ kind: "session", at: Date.now(), session, stage, end });
    await ticks();
  };
  stage = { node, kiosk, name: () => kiosk.shown.get().name, moved, over };
});

afterEach(async () => {
  stage.over.abort();
  await ticks();
  mock.timers.reset();
});

async function shownCode(): Promise<string> {
  const session = newId("ses", "eu1");
  void stage.kiosk.start();
  await ticks();
  assert.equal(stage.name(), "waiting");
  await stage.moved(session, "pushed");
  assert.equal(stage.name(), "code");
  return session;
}

const end = () => {
  const shown = stage.kiosk.shown.get();
  return shown.name === "ended" ? shown.end : shown.name;
};

test("from the start to the end, and back by itself", async () => {
  const session = await shownCode();
  await stage.moved(session, "claimed");
  assert.equal(stage.name(), "number");
  await stage.kiosk.typeNumber("42");
  assert.equal(stage.name(), "choosing");
  stage.node.view(session, "ended", "approved");
  await stage.moved(session, "ended", "approved");
  assert.equal(end(), "approved");
  await later(20_000);
  assert.equal(stage.name(), "idle");
  assert.deepEqual(stage.node.asked, ["ask", "openSession", "typeNumber 42", "session"]);
});

test("a code that the phone still shows is asked for", async () => {
  const session = await shownCode();
  stage.node.view(session, "ended", "approved", { responseMode: "symbolon.scan" });
  await stage.moved(session, "ended", "approved");
  const shown = stage.kiosk.shown.get();
  assert.ok(shown.name === "ended" && shown.toScan);
});

for (const reason of ["denied", "expired", "cancelled", "wrong_number"] as const) {
  test(`it ends: ${reason}`, async () => {
    const session = await shownCode();
    await stage.moved(session, "ended", reason);
    assert.equal(end(), reason);
  });
}

test("a wrong number ends it, and is sent once", async () => {
  const session = await shownCode();
  await stage.moved(session, "claimed");
  stage.node.fails.typeNumber = [refused("wrong_number")];
  await Promise.all([stage.kiosk.typeNumber("13"), stage.kiosk.typeNumber("13")]);
  assert.equal(end(), "wrong_number");
  assert.equal(stage.node.asked.filter((it) => it.startsWith("typeNumber")).length, 1);
});

test("a number that comes too late: how it ended is looked up", async () => {
  const session = await shownCode();
  await stage.moved(session, "claimed");
  stage.node.view(session, "ended", "denied");
  stage.node.fails.typeNumber = [refused("session_ended")];
  await stage.kiosk.typeNumber("13");
  assert.equal(end(), "denied");
});

test("a request that is pushed opens by itself, and waits for its turn", async () => {
  const [first, second] = [newId("ses", "eu1"), newId("ses", "eu1")];
  await stage.moved(first, "pushed");
  assert.equal(stage.name(), "code");
  await stage.moved(second, "pushed");
  const shown = stage.kiosk.shown.get();
  assert.ok(shown.name === "code" && shown.session === first);
  await stage.kiosk.leave();
  await ticks();
  const next = stage.kiosk.shown.get();
  assert.ok(next.name === "code" && next.session === second);
});

test("another session's news move nothing", async () => {
  await shownCode();
  await stage.moved(newId("ses", "eu1"), "claimed");
  await stage.moved(newId("ses", "eu1"), "ended", "denied");
  assert.equal(stage.name(), "code");
});

test("no answer from the institution", async () => {
  void stage.kiosk.start();
  await later(20_000);
  const shown = stage.kiosk.shown.get();
  assert.ok(shown.name === "problem" && shown.what === "no_answer");
  await stage.moved(newId("ses", "eu1"), "pushed");
  assert.equal(stage.name(), "code", "a late answer is one");
});

test("who asks too soon asks again as soon as may be", async () => {
  stage.node.fails.ask = [refused("asked_too_soon", 2_000)];
  void stage.kiosk.start();
  await later(1_500);
  assert.deepEqual(stage.node.asked, ["ask"]);
  await later(1_000);
  assert.deepEqual(stage.node.asked, ["ask", "ask"]);
});

test("started from the phone", async () => {
  void stage.kiosk.scanned(["nonsense", HINT]);
  await ticks();
  assert.equal(stage.name(), "waiting");
  await stage.moved(newId("ses", "eu1"), "pushed");
  assert.equal(stage.name(), "invited");
  assert.deepEqual(stage.node.asked, ["ask", "openSession hint"]);
});

test("a hint that is refused costs nothing: the request waits for the next", async () => {
  stage.node.fails.openSession = [refused("invalid_hint")];
  void stage.kiosk.scanned([HINT]);
  await ticks();
  await stage.moved(newId("ses", "eu1"), "pushed");
  const shown = stage.kiosk.shown.get();
  assert.ok(shown.name === "idle" && shown.notice === "hint_refused");
  await stage.kiosk.scanned([HINT]);
  assert.equal(stage.name(), "invited");
  assert.equal(stage.node.asked.filter((it) => it === "ask").length, 1);
});

test("what is no hint is said, and begins nothing", async () => {
  await stage.kiosk.scanned(["4006381333931"]);
  const shown = stage.kiosk.shown.get();
  assert.ok(shown.name === "idle" && shown.notice === "no_hint");
  assert.deepEqual(stage.node.asked, []);
});

test("a hint while a code is shown: that request is given up for the next", async () => {
  await shownCode();
  void stage.kiosk.scanned([HINT]);
  await ticks();
  assert.equal(stage.name(), "waiting");
  assert.ok(stage.node.asked.includes("cancel"));
});

test("no scan disturbs who types the number", async () => {
  const session = await shownCode();
  await stage.moved(session, "claimed");
  await stage.kiosk.scanned([HINT]);
  assert.equal(stage.name(), "number");
});

test("its time over without news: the node is asked, and says so", async () => {
  const session = await shownCode();
  stage.node.view(session, "open", undefined, { expires: Date.now() + 120_000 });
  await later(121_000);
  assert.equal(end(), "expired");
});

test("its time over without the node: nobody knows", async () => {
  await shownCode();
  stage.node.fails.session = [new Unreachable("away")];
  await later(121_000);
  assert.equal(end(), "unknown");
});

test("claimed while the node was not heard", async () => {
  const session = await shownCode();
  stage.node.connected(false);
  assert.equal(stage.kiosk.isConnected.get(), false);
  stage.node.view(session, "claimed");
  stage.node.connected(true);
  await ticks();
  assert.equal(stage.name(), "number");
});

test("what is told again after a break and was opened since is not opened twice", async () => {
  const session = await shownCode();
  await stage.kiosk.leave();
  stage.node.connected(true);
  for (const at of ["pushed", "open", "ended"] as const) await stage.moved(session, at);
  await later(1_000);
  assert.equal(stage.name(), "idle");
  assert.equal(stage.node.asked.filter((it) => it.startsWith("openSession")).length, 1);
});

test("a node that is not understood is a problem, not a dead screen", async () => {
  stage.node.fails.openSession = [new Untrusted("answer")];
  await stage.moved(newId("ses", "eu1"), "pushed");
  await ticks();
  assert.equal(stage.name(), "problem");
  await later(40_000);
  assert.equal(stage.name(), "idle");
});

test("a screen that was removed says so", async () => {
  stage.node.fails.ask = [refused("invalid_token")];
  await stage.kiosk.start();
  assert.equal(stage.name(), "unknown");
});

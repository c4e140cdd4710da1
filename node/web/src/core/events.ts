// Server-sent events (HTML Living Standard, section 9.2), read by `fetch`, since `EventSource`
// can send no proof. Followed from stream to stream: a node ends every one after a while, a
// connection may break, a node may restart; the reader goes on after the last event it saw.

import { EventView } from "./api.ts";
import type { Holder } from "./dpop.ts";
import type { Node } from "./http.ts";
import { Problem, Unreachable, Untrusted } from "./problem.ts";
import type { Infer } from "./shape.ts";

/** A node sends a comment at least this often; longer silence is a dead stream. Milliseconds. */
const SILENCE_MAX = 35_000;
/** Before a stream is opened again that could not be, or brought nothing; doubled with each. */
const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 30_000;
/** So many failures in a row, about a minute, are told to the caller. */
const FAILURES_MAX = 8;
/** A stream that lasted this long was a good one, whether anything happened or not. */
const GOOD_AFTER = 1_000;
/** Most characters of one event. */
const EVENT_MAX = 1 << 20;

/** One event of a stream. */
export interface SseEvent {
  readonly name: string;
  /** Its position: what `Last-Event-ID` goes on after. */
  readonly id: string | undefined;
  readonly data: string;
}

/** Takes a stream's text apart, in pieces of any size. */
export class SseParser {
  private rest = "";
  private name = "";
  private id: string | undefined;
  private data: string[] = [];

  /** The events that this piece completes. */
  feed(piece: string): SseEvent[] {
    const lines = (this.rest + piece).split("\n");
    this.rest = lines.pop() ?? "";
    const events = lines.flatMap((line) => this.line(line.endsWith("\r") ? line.slice(0, -1) : line));
    if (this.rest.length > EVENT_MAX) throw new Unreachable("an event without end");
    return events;
  }

  private line(line: string): SseEvent[] {
    if (line === "") return this.end();
    const colon = line.indexOf(":");
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (field === "event") this.name = value;
    if (field === "id") this.id = value;
    if (field === "data") this.data.push(value);
    return [];
  }

  private end(): SseEvent[] {
    const event = { name: this.name, id: this.id, data: this.data.join("\n") };
    const isWhole = this.data.length > 0;
    [this.name, this.id, this.data] = ["", undefined, []];
    return isWhole ? [event] : [];
  }
}

/** What happened, and what is said of it. */
export interface Happened {
  readonly name: string;
  readonly view: Infer<typeof EventView>;
}

/** How a stream is followed. */
export interface Following {
  /** The position to begin after; without one it begins with the last two minutes. */
  readonly after?: string;
  /** Told when the node is heard, and when it is not any more. */
  readonly connected?: (is: boolean) => void;
}

/** The events of who holds this credential, until the signal; of a client certificate without one. */
export async function* follow(
  node: Node, holder: Holder | undefined, signal: AbortSignal, how: Following = {},
): AsyncGenerator<Happened, void, void> {
  let after = how.after;
  let failures = 0;
  while (!signal.aborted) {
    const opened = Date.now();
    let ended: unknown = new Unreachable("it ends every event stream at once");
    try {
      const heard = () => how.connected?.(true);
      for await (const event of stream(node, holder, after, heard, signal)) {
        failures = 0;
        after = event.id ?? after;
        yield happened(event);
      }
    } catch (error) {
      ended = error;
      how.connected?.(false);
    }
    if (signal.aborted) return;
    if (!isPassing(ended)) throw ended;
    failures = Date.now() - opened < GOOD_AFTER ? failures + 1 : 0;
    if (failures > FAILURES_MAX) throw ended;
    if (failures > 0) await untilOnline(Math.min(FIRST_PAUSE * 2 ** (failures - 1), LONGEST_PAUSE), signal);
  }
}

function happened({ name, data }: SseEvent): Happened {
  try {
    return { name, view: EventView(JSON.parse(data)) };
  } catch (error) {
    throw new Untrusted("answer", `an event: ${String(error)}`);
  }
}

const isPassing = (error: unknown): boolean =>
  error instanceof Unreachable || (error instanceof Problem && error.retryAfterMs !== undefined);

// Who waits for the network need not wait longer once it is there.
async function untilOnline(millis: number, signal: AbortSignal): Promise<void> {
  const over = new AbortController();
  const stop = () => over.abort();
  signal.addEventListener("abort", stop);
  globalThis.addEventListener?.("online", stop);
  await pause(millis, over.signal);
  signal.removeEventListener("abort", stop);
  globalThis.removeEventListener?.("online", stop);
}

/** Waits, or until the signal. */
export function pause(millis: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, millis);
    signal?.addEventListener("abort", done);
    if (signal?.aborted) done();
  });
}

async function* stream(
  node: Node, holder: Holder | undefined, after: string | undefined, heard: () => void, signal: AbortSignal,
): AsyncGenerator<SseEvent, void, void> {
  const silence = new AbortController();
  const stop = () => silence.abort();
  signal.addEventListener("abort", stop);
  let timer = setTimeout(stop, SILENCE_MAX);
  try {
    const headers: Record<string, string> = { accept: "text/event-stream" };
    if (after !== undefined) headers["last-event-id"] = after;
    const answer = await node.send({ method: "GET", path: "/v1/events", headers }, holder, silence.signal);
    heard();
    const reader = (answer.body ?? new ReadableStream<Uint8Array<ArrayBuffer>>()).pipeThrough(new TextDecoderStream()).getReader();
    const parser = new SseParser();
    for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
      clearTimeout(timer);
      timer = setTimeout(stop, SILENCE_MAX);
      yield* parser.feed(piece.value);
    }
  } catch (error) {
    if (error instanceof Problem || error instanceof Unreachable) throw error;
    throw new Unreachable("the event stream broke", { cause: error });
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", stop);
    stop();
  }
}

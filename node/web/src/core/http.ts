// Requests to the node that serves this page: errors as typed problems, proofs with the node's
// nonce, lists page by page.

import { ProblemDocument } from "./api.ts";
import { type Holder, prove } from "./dpop.ts";
import { Problem, Unreachable, Untrusted } from "./problem.ts";
import { Misshapen, type Shape, list, optional, struct, text } from "./shape.ts";

/** Time for an answer, milliseconds. */
const DEADLINE = 30_000;
/** Most pages of one list. */
const PAGES_MAX = 1_000;

/** One request. */
export interface Asked {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  /** Begins with `/`. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array<ArrayBuffer>;
}

export const get = (path: string): Asked => ({ method: "GET", path });

/** A POST of JSON, or of nothing. */
export function post(path: string, value?: unknown, headers: Readonly<Record<string, string>> = {}): Asked {
  if (value === undefined) return { method: "POST", path, headers };
  return { method: "POST", path, headers: { ...headers, "content-type": "application/json" }, body: JSON.stringify(value) };
}

/** A node at an origin, and the last nonce that it gave. */
export class Node {
  private nonce: string | undefined;

  /** `credentials`: whether the browser's client certificate is shown, as the console's must be. */
  constructor(readonly origin: string, private readonly credentials: RequestCredentials = "omit") {}

  /** The answer's body of a shape. */
  async read<T>(shape: Shape<T>, asked: Asked, holder?: Holder): Promise<T> {
    const answer = await this.send(asked, holder);
    return readAnswer(shape, await whole(answer.json()));
  }

  /** The answer's bytes. */
  async bytes(asked: Asked, holder?: Holder): Promise<Uint8Array<ArrayBuffer>> {
    const answer = await this.send(asked, holder);
    return new Uint8Array(await whole(answer.arrayBuffer()));
  }

  /** Every page of a list. */
  async all<T>(of: Shape<T>, path: string, holder?: Holder): Promise<T[]> {
    const shape = struct({ items: list(of), cursor: optional(text) });
    const items: T[] = [];
    let query = "";
    for (let page = 0; page < PAGES_MAX; page++) {
      const found = await this.read(shape, get(`${path}${query}`), holder);
      items.push(...found.items);
      if (found.cursor === undefined) return items;
      query = `?cursor=${encodeURIComponent(found.cursor)}`;
    }
    throw new Untrusted("answer", "a list that does not end");
  }

  /** Sends, once more where only the nonce was missing. An error status is thrown. */
  async send(asked: Asked, holder?: Holder, signal?: AbortSignal): Promise<Response> {
    const used = this.nonce;
    const answer = await this.once(asked, holder, used, signal);
    // Other requests may have learnt the nonce meanwhile: what counts is the one used here.
    const wasStale = holder !== undefined && answer.status === 401 && this.nonce !== used;
    const last = wasStale ? await this.once(asked, holder, this.nonce, signal) : answer;
    if (last.ok) return last;
    throw await refusal(last);
  }

  private async once(asked: Asked, holder: Holder | undefined, nonce: string | undefined, signal?: AbortSignal): Promise<Response> {
    const url = `${this.origin}${asked.path}`;
    const headers = new Headers(asked.headers);
    if (holder !== undefined) {
      headers.set("dpop", await prove(holder, asked.method, url, nonce, Date.now()));
      if (holder.token !== undefined) headers.set("authorization", `DPoP ${holder.token}`);
    }
    const answer = await reach(url, {
      method: asked.method,
      headers,
      body: asked.body ?? null,
      cache: "no-store",
      credentials: this.credentials,
      redirect: "error",
      referrerPolicy: "no-referrer",
      // A stream has a signal of its own, which also knows when it fell silent.
      signal: signal ?? AbortSignal.timeout(DEADLINE),
    });
    this.nonce = answer.headers.get("dpop-nonce") ?? this.nonce;
    return answer;
  }
}

async function reach(url: string, request: RequestInit): Promise<Response> {
  try {
    return await fetch(url, request);
  } catch (error) {
    throw unreachable(error);
  }
}

// A body may break off after its status has come.
async function whole<T>(body: Promise<T>): Promise<T> {
  try {
    return await body;
  } catch (error) {
    if (error instanceof SyntaxError) throw new Untrusted("answer", "an answer that is no JSON");
    throw unreachable(error);
  }
}

// The caller's own wish to stop is no failure of the network.
function unreachable(error: unknown): unknown {
  const wasStopped = error instanceof DOMException && error.name === "AbortError";
  return wasStopped ? error : new Unreachable("the node does not answer", { cause: error });
}

function readAnswer<T>(shape: Shape<T>, value: unknown): T {
  try {
    return shape(value);
  } catch (error) {
    if (error instanceof Misshapen) throw new Untrusted("answer", `an answer: ${error.message}`);
    throw error;
  }
}

async function refusal(answer: Response): Promise<unknown> {
  try {
    const told = ProblemDocument(await answer.json());
    return new Problem(told.code, told.title, told.detail, told.locus, told.status, told.retry_after_ms, told.trace_id);
  } catch {
    // Something between here and the node answered, or the node broke off.
    const title = `The answer has the status ${answer.status}`;
    return new Problem("bad_answer", title, "Try again later.", "node", answer.status, undefined, "");
  }
}

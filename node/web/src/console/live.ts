// What happens, as it happens: the institution's own events. A week of them is kept, and each
// says where something stands, so that the sessions can be told from them.

import { follow } from "../core/events.ts";
import { Problem, Unreachable, Untrusted } from "../core/problem.ts";
import { Misshapen } from "../core/shape.ts";
import { type Store, store } from "../ui/store.ts";
import { EventBody } from "./api.ts";
import { node } from "./node.ts";
import { type Requests, type Told, addAll, none } from "./requests.ts";

/** Before everything that is kept. */
const BEGINNING = "0".repeat(20);
const PAUSE_MS = 10_000;
/** What comes at once is shown at once: a week of events is not drawn a thousand times. */
const GATHER_MS = 60;

export type Listener = (body: EventBody, at: number) => void;

export class Live {
  /** Whether events are heard. */
  readonly isConnected: Store<boolean> = store(false);
  readonly requests: Store<Requests> = store(none);
  #listeners = new Set<Listener>();
  #gathered: Told[] = [];

  /** Hears of everything that happens from now on. */
  listen(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Follows the events until the signal; over what breaks it goes on after the last that it saw. */
  async follow(signal: AbortSignal): Promise<void> {
    const opened = Date.now();
    while (!signal.aborted) {
      try {
        const connected = (is: boolean) => this.isConnected.set(is);
        for await (const { view } of follow(node, undefined, signal, { after: BEGINNING, connected })) {
          this.#hear(view.body, view.at, view.at >= opened - 1_000);
        }
      } catch (error) {
        if (!(error instanceof Problem || error instanceof Unreachable || error instanceof Untrusted)) throw error;
      }
      this.isConnected.set(false);
      await new Promise((over) => setTimeout(over, PAUSE_MS));
    }
  }

  #hear(value: unknown, at: number, isNew: boolean): void {
    const body = known(value);
    if (body === undefined) return;
    if (this.#gathered.length === 0) setTimeout(() => this.#show(), GATHER_MS);
    this.#gathered.push({ body, at });
    if (isNew) for (const listener of this.#listeners) listener(body, at);
  }

  #show(): void {
    this.requests.set(addAll(this.requests.get(), this.#gathered));
    this.#gathered = [];
  }
}

// A newer node may tell of more than this page knows.
function known(value: unknown): EventBody | undefined {
  try {
    return EventBody(value);
  } catch (error) {
    if (error instanceof Misshapen) return undefined;
    throw error;
  }
}

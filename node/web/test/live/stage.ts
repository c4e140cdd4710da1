// What stands around the core in a browser, and the programs at the other end.

import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { promisify } from "node:util";
import { IDBFactory } from "fake-indexeddb";
import { SoftwareAuthenticator } from "./authenticator.ts";
import type * as Core from "./browser.ts";

/** The core in a browser of its own. */
export interface Browser {
  readonly core: typeof Core;
  /** Its person, and what verifies them. */
  readonly authenticator: SoftwareAuthenticator;
}

const environment = (name: string): string => {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is not set: run test/live.mjs`);
  return value;
};

/** Where the node's pages are. */
export const origin = environment("LIVE_ORIGIN");
/** The demo's folder. */
const folder = environment("LIVE_FOLDER");
const symbolon = environment("LIVE_SYMBOLON");
/** `{front end's id}:{code}`. */
export const enrolment = environment("LIVE_ENROLMENT");

// One request at a time, as the Web Locks API has it; what is asked for later waits.
class Locks {
  private readonly held = new Map<string, Promise<unknown>>();

  request(name: string, work: () => Promise<unknown>): Promise<unknown> {
    const before = this.held.get(name) ?? Promise.resolve();
    const result = before.then(work, work);
    this.held.set(name, result);
    return result;
  }
}

let browsers = 0;
/** Whose turn it is to be asked. */
let asked: SoftwareAuthenticator | undefined;

function define(name: string, value: unknown): void {
  Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
}

define("location", { origin });
define("isSecureContext", true);
define("navigator", {
  locks: new Locks(),
  storage: { persist: async () => true, persisted: async () => true },
  credentials: {
    create: (options: CredentialCreationOptions) => asked?.create(options),
    get: (options: CredentialRequestOptions) => asked?.get(options),
  },
});

/** Opens another browser; `use` it before anything in it needs the person. */
export async function openBrowser(): Promise<Browser> {
  define("indexedDB", new IDBFactory());
  const bundle = new URL(`browser.mjs?${browsers++}`, import.meta.url).href;
  const core = (await import(bundle)) as typeof Core;
  // The database is opened when it is first looked at.
  await core.Wallet.open();
  const browser = { core, authenticator: new SoftwareAuthenticator(origin) };
  use(browser);
  return browser;
}

/** From now on this browser's person is asked. */
export function use({ authenticator }: Browser): void {
  asked = authenticator;
}

const run = promisify(execFile);

/** Runs the program and gives the JSON that it prints. */
export async function program(...args: readonly string[]): Promise<Record<string, unknown>> {
  const { stdout } = await run(symbolon, [...args, "--json"], { cwd: folder, env: {} });
  return JSON.parse(stdout) as Record<string, unknown>;
}

/** The bank of the demo, by the program. */
export const bank = (...args: readonly string[]): Promise<Record<string, unknown>> =>
  program("institution", ...args, "--folder", `${folder}/bank.example`);

/** The same person's wallet of the command line, in a folder of its own. */
export const commandLine = (...args: readonly string[]): Promise<Record<string, unknown>> =>
  program("wallet", ...args, "--folder", `${folder}/command-line`);

/** Lets the command line into a vault by a recovery sheet. */
export async function recoverOnCommandLine(words: string): Promise<void> {
  await writeFile(`${folder}/sheet.txt`, words);
  await commandLine("recover", "--node", origin, "--ca", `${folder}/node/tls/ca.pem`, "--sheet", `${folder}/sheet.txt`);
}

const honest = globalThis.fetch;

/** While `work` runs there is no network. */
export async function offline<T>(work: () => Promise<T>): Promise<T> {
  define("fetch", () => Promise.reject(new TypeError("fetch failed")));
  try {
    return await work();
  } finally {
    define("fetch", honest);
  }
}

/** While `work` runs the node answers something else at a path, where there is something else. */
export async function lying<T>(path: RegExp, lie: (body: Buffer) => Buffer | string, work: () => Promise<T>): Promise<T> {
  let lies = 0;
  define("fetch", async (url: string, request: RequestInit) => {
    const answer = await honest(url, request);
    if (!answer.ok || !path.test(url)) return answer;
    lies++;
    const body = lie(Buffer.from(await answer.arrayBuffer()));
    return new Response(typeof body === "string" ? body : new Uint8Array(body), { status: answer.status, headers: { "content-type": "application/json" } });
  });
  try {
    const result = await work();
    if (lies === 0) throw new Error(`nobody asked for ${path}`);
    return result;
  } finally {
    define("fetch", honest);
  }
}

/** Until something is so, a few seconds at most. */
export async function eventually<T>(look: () => Promise<T | undefined>): Promise<T> {
  for (let left = 100; left > 0; left--) {
    const found = await look();
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error("it did not become so");
}

// The wallet of this browser: one device of a person's vault. It makes and keeps the keys,
// seals items before they leave, checks what it scans before it is shown, and signs what the
// person ticked. The screens call it and it calls nobody back but through what is said here.
//
// Every method that talks to the node may throw `Problem` (the node refuses), `Unreachable`
// (no network) and `Untrusted` (what came does not verify). Those that need the person throw
// `NoUserVerification` when the person does not confirm; they must be called from a click.
// `BadInput` is a mistake in what was handed in.

import type {
  Answered, Asked, DeviceInfo, Grant, GrantRecord, ItemSummary, NewItem, PastVersion,
  RecoverySheet, Scanned, SessionLink, SessionView, ShownCode, StoredItem, WalletEvent,
} from "./wallet/shapes.ts";

export * from "./wallet/shapes.ts";
export * from "./problem.ts";

const todo = (): never => { throw new Error("not written yet"); };

/** A JSON value as an item: what institutions expect of a text, a number, a date. */
export function jsonItem(path: string, value: unknown): NewItem {
  return { path, mediaType: "application/json", value: new TextEncoder().encode(JSON.stringify(value)) };
}

/** The JSON value of an item; `undefined` when it is none (show it as a file then). */
export function jsonValue(item: StoredItem): unknown {
  void item; return todo();
}

/** What a camera, a paste or the page's own address held. */
export type ReadCode =
  /** A session's code: `scan` it. */
  | { readonly kind: "session"; readonly link: SessionLink }
  /** A recovery sheet: `Wallet.recover` takes the text. */
  | { readonly kind: "recovery"; readonly text: string }
  /** A code that a phone shows a terminal: nothing for a phone. */
  | { readonly kind: "hint" };

/** Reads a code. Throws `BadInput` (`link`) for anything else. */
export function readCode(text: string): ReadCode {
  void text; return todo();
}

/** The link of a session's code, or `BadInput` (`link`). Takes `location.href` of `/s/…` too. */
export function parseLink(text: string): SessionLink {
  void text; return todo();
}

/** Of the languages that the person reads, best first, the best in which the offer's words are. */
export function wordsFor(asked: Asked, languages: readonly string[]): Asked["words"][number] {
  void asked; void languages; return todo();
}

/** Everything asked for that is in the vault; of alternatives the first. For "tick all". */
export function everything(asked: Asked): string[] {
  void asked; return todo();
}

/** Whether the ticks can be approved: what is missing, as `BadInput` would say it. */
export function checkTicks(asked: Asked, ticked: readonly string[]): { missing: string[]; groups: string[] } {
  void asked; void ticked; return todo();
}

export class Wallet {
  /** The wallet of this browser; none before it was enrolled or recovered. Needs no network. */
  static open(): Promise<Wallet | undefined> { return todo(); }

  /**
   * Makes a vault with this device as its first, pins the cluster's root and registers the
   * recovery key. Needs the person (WebAuthn `create`). The keys are kept before the node hears
   * of them: after a lost answer the same call enrols the same device.
   * `BadInput`: `exists`, `name`, `unsupported`.
   */
  static enrol(options: { readonly deviceName: string }): Promise<Wallet> { void options; return todo(); }

  /**
   * Lets this browser into the vault of a recovery sheet: 24 words, or the sheet's link. Needs
   * the person. `BadInput`: `words`, `link`, `exists`; `Problem` when the vault is gone.
   */
  static recover(sheet: string, options: { readonly deviceName: string }): Promise<Wallet> { void sheet; void options; return todo(); }

  /**
   * Who asks behind a link, for a browser that has no wallet yet: fetched and verified against
   * the root that the cluster shows now. Pins and keeps nothing; `scan` does it all again.
   */
  static peek(link: SessionLink): Promise<Scanned> { void link; return todo(); }

  get vault(): string { return todo(); }
  get device(): string { return todo(); }
  get deviceName(): string { return todo(); }
  /** The cluster's name for itself. */
  get issuer(): string { return todo(); }
  /** Whether the browser promised to keep what is stored (`navigator.storage.persist`). */
  get isPersistent(): boolean { return todo(); }

  /** Whether the recovery sheet was tried: ask for it before the first item is stored. */
  get isSheetTried(): boolean { return todo(); }

  /** The sheet to write down or print; kept here until it was tried, gone after (`BadInput` `unknown`). */
  recoverySheet(): Promise<RecoverySheet> { return todo(); }

  /**
   * Tries what the person typed or scanned from their sheet: it must open the root key as the
   * node keeps it. From then on the sheet exists on paper alone. `BadInput`: `words`, `link`,
   * `other_sheet`.
   */
  trySheet(text: string): Promise<void> { void text; return todo(); }

  /** Tells when anything kept here changed, in this tab or another. Gives what ends it. */
  watch(changed: () => void): () => void { void changed; return todo(); }

  // --- Items

  /** The items as this device knows them, by path. Needs no network. */
  items(): Promise<ItemSummary[]> { return todo(); }

  /** Brings this device up to date with what others have stored. `Untrusted`: `manifest_*`. */
  pull(): Promise<void> { return todo(); }

  /** Opens an item: from here, else from the node. `BadInput`: `unknown`; `Untrusted`: `object`. */
  get(path: string): Promise<StoredItem> { void path; return todo(); }

  /** Opens every item that is here; fetches the others, if there is network. */
  getAll(): Promise<StoredItem[]> { return todo(); }

  /** Stores values, each as a new version, all in one commit. `BadInput`: `path`, `media_type`, `too_many`. */
  put(items: readonly NewItem[]): Promise<void> { void items; return todo(); }

  /** Deletes items: a tombstone stays, and earlier versions until the node forgets them. */
  delete(paths: readonly string[]): Promise<void> { void paths; return todo(); }

  /** The versions of an item that this device knows of, newest first. */
  history(path: string): Promise<PastVersion[]> { void path; return todo(); }

  /** Opens an earlier version, as long as it is here or the node still has it (`Problem` `not_found`). */
  getVersion(path: string, version: number): Promise<StoredItem> { void path; void version; return todo(); }

  // --- Consent: scan, claim, show the number, wait for it, show what is asked for, approve

  /** Fetches the statement behind a link and verifies it. Shows nothing to anybody yet. */
  scan(link: SessionLink): Promise<Scanned> { void link; return todo(); }

  /** Sessions scanned here and neither answered nor over: to go on after the page was closed. */
  pending(): Promise<Scanned[]> { return todo(); }

  /** Takes the session for this device alone. Twice is once. The answer has the number. */
  claim(session: string): Promise<SessionView> { void session; return todo(); }

  /** Where a session is that this device claimed. */
  session(session: string): Promise<SessionView> { void session; return todo(); }

  /** Waits until a claimed session is `confirmed` or `ended`: the number was typed, or it is over. */
  untilConfirmed(session: string, signal: AbortSignal): Promise<SessionView> { void session; void signal; return todo(); }

  /** What is asked for, once confirmed. `Untrusted`: `offer`. `Problem`: `number_required`, … */
  asked(session: string): Promise<Asked> { void session; return todo(); }

  /**
   * Lends the ticked items and refuses all others. Needs the person. `language` is the one whose
   * words the person saw: it is signed. `BadInput`: `tick`, `untick`, `language`.
   */
  approve(asked: Asked, ticked: readonly string[], language: string): Promise<Answered> { void asked; void ticked; void language; return todo(); }

  /** Refuses everything and ends the session. */
  deny(session: string): Promise<void> { void session; return todo(); }

  // --- Grants

  /** What was lent, newest first; kept for `lastGrants`. */
  grants(): Promise<Grant[]> { return todo(); }

  /** The grants as last seen, and when: for a screen without network. */
  lastGrants(): Promise<{ readonly at: number; readonly grants: Grant[] } | undefined> { return todo(); }

  grant(id: string): Promise<Grant> { void id; return todo(); }

  /** What happened under a grant, oldest first; the chain was verified (`Untrusted` `chain`). */
  records(grant: string): Promise<GrantRecord[]> { void grant; return todo(); }

  /** Lends nothing for now. */
  pause(grant: string): Promise<Grant> { void grant; return todo(); }
  /** Lends again. */
  resume(grant: string): Promise<Grant> { void grant; return todo(); }
  /** Never lends again. Where later versions were covered, their next version gets a new key. */
  revoke(grant: string): Promise<Grant> { void grant; return todo(); }

  // --- Devices, reverse start, events

  devices(): Promise<DeviceInfo[]> { return todo(); }
  /** Lets a device in no more. */
  revokeDevice(device: string): Promise<void> { void device; return todo(); }

  /** A code to show a terminal; four are live at most (`Problem` `limit_reached`). */
  showCode(): Promise<ShownCode> { return todo(); }
  /** Waits until a terminal has started a session with it: `scan` the link. None: its time is over. */
  invitation(code: ShownCode, signal: AbortSignal): Promise<SessionLink | undefined> { void code; void signal; return todo(); }

  /**
   * What happens to the vault, from the last two minutes on. Goes on over broken connections by
   * itself; throws `Unreachable` after about a minute without any, what the node refuses at once,
   * and ends when the signal does.
   */
  events(signal: AbortSignal): AsyncGenerator<WalletEvent, void, void> { void signal; return todo(); }

  // --- All of it

  /** Everything of the vault, items opened, as a JSON file. */
  export(): Promise<Blob> { return todo(); }

  /** Erases the vault at the node and everything here. Needs the person. It cannot be taken back. */
  deleteVault(): Promise<void> { return todo(); }

  /** Forgets everything here, for a device that was revoked or whose vault is gone. */
  forget(): Promise<void> { return todo(); }
}

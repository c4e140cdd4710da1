// The wallet of this browser: one device of a person's vault. It makes and keeps the keys,
// seals items before they leave, checks what it scans before it is shown, and signs what the
// person ticked. The screens call it; it knows nothing of them.
//
// Every method that talks to the node may throw `Problem` (the node refuses), `Unreachable`
// (no network) and `Untrusted` (what came does not verify). Those that need the person throw
// `NoUserVerification` when the person does not confirm; they must be called from a click.
// `BadInput` is a mistake in what was handed in.

import { fromUtf8, utf8 } from "./bytes.ts";
import * as database from "./database.ts";
import { post } from "./http.ts";
import { enrol, openDevice, recover } from "./wallet/admission.ts";
import { approve } from "./wallet/consent.ts";
import type { Device } from "./wallet/device.ts";
import * as grants from "./wallet/grants.ts";
import { events, invitation, showCode } from "./wallet/hint.ts";
import { history, openAll, openCurrent, openVersion, summaries } from "./wallet/items.ts";
import { pull } from "./wallet/pull.ts";
import { ask, claim, forgetSession, look, peek, pending, scan, untilConfirmed, watchSession } from "./wallet/scan.ts";
import type {
  Answered, Asked, DeviceInfo, Grant, GrantRecord, ItemSummary, NewItem, PastVersion,
  RecoverySheet, Scanned, SessionLink, SessionView, ShownCode, StoredItem, WalletEvent,
} from "./wallet/shapes.ts";
import { renewSheet, showSheet, trySheet } from "./wallet/sheet.ts";
import { put, remove } from "./wallet/storing.ts";
import { deleteVault, devices, exportAll, forget, revokeDevice } from "./wallet/vault.ts";

export { type ReadCode, parseLink, readCode } from "./link.ts";
export * from "./problem.ts";
export * from "./wallet/shapes.ts";
export { type Untickable, checkTicks, everything, wordsFor } from "./wallet/ticks.ts";

/** A JSON value as an item: what institutions expect of a text, a number, a date. */
export function jsonItem(path: string, value: unknown): NewItem {
  return { path, mediaType: "application/json", value: utf8(JSON.stringify(value)) };
}

/** The JSON value of an item; `undefined` when it is none (show it as a file then). */
export function jsonValue({ mediaType, value }: StoredItem): unknown {
  if (mediaType !== "application/json") return undefined;
  try {
    return JSON.parse(fromUtf8(value) ?? "");
  } catch {
    return undefined;
  }
}

export class Wallet {
  #device: Device;

  private constructor(
    device: Device,
    /** Whether the browser promised to keep what is stored (`navigator.storage.persist`). */
    readonly isPersistent: boolean,
  ) {
    this.#device = device;
  }

  /** The wallet of this browser; none before it was enrolled or recovered. Needs no network. */
  static async open(): Promise<Wallet | undefined> {
    const device = await openDevice();
    return device && new Wallet(device, await isPersisted());
  }

  /**
   * Makes a vault with this device as its first, pins the cluster's root and gives the node what
   * a recovery sheet needs. Needs the person (WebAuthn `create`). The keys are kept before the
   * node hears of them: after a lost answer the same call enrols the same device.
   * `BadInput`: `exists`, `name`, `unsupported`.
   */
  static async enrol({ deviceName }: { readonly deviceName: string }): Promise<Wallet> {
    const device = await enrol(deviceName);
    return new Wallet(device, await persist());
  }

  /**
   * Lets this browser into the vault of a recovery sheet: 24 words, or the sheet's link. Needs
   * the person. Every other device is told. `BadInput`: `words`, `link`, `exists`, `name`;
   * `Problem` `recovery_refused` for a sheet that opens no vault here, renewed ones included.
   */
  static async recover(sheet: string, { deviceName }: { readonly deviceName: string }): Promise<Wallet> {
    const device = await recover(sheet, deviceName);
    const wallet = new Wallet(device, await persist());
    await wallet.pull();
    return wallet;
  }

  /**
   * Who asks behind a link, for a browser that has no wallet yet: verified against the root that
   * the cluster shows now. Pins and keeps nothing; `scan` does it all again.
   */
  static peek(link: SessionLink): Promise<Scanned> { return peek(link); }

  get vault(): string { return this.#device.identity.vault; }
  get device(): string { return this.#device.identity.device; }
  get deviceName(): string { return this.#device.identity.name; }
  /** The cluster's name for itself. */
  get issuer(): string { return this.#device.identity.cluster.issuer; }

  // --- The recovery sheet

  /** Whether the recovery sheet was tried: ask for it before the first item is stored. */
  get isSheetTried(): boolean { return this.#device.identity.sheet === undefined; }

  /** The sheet to write down or print; kept here until it was tried, gone after (`BadInput` `unknown`). */
  recoverySheet(): Promise<RecoverySheet> { return showSheet(this.#device); }

  /**
   * Tries what the person typed or scanned from their sheet: it must open the root key as the
   * node keeps it. From then on the sheet exists on paper alone. `BadInput`: `words`, `link`,
   * `other_sheet`.
   */
  async trySheet(text: string): Promise<void> { this.#device = await trySheet(this.#device, text); }

  /** Makes another sheet, to be shown and tried like the first; the one before is of no use. Needs the person. */
  async renewSheet(): Promise<void> { this.#device = await renewSheet(this.#device); }

  /**
   * Tells what changed of what is kept here, in this tab or another: the device itself, its items,
   * or its sessions. What was only fetched to be seen again is no change. Gives what ends it.
   */
  watch(changed: (what: "identity" | "manifest" | "sessions") => void): () => void {
    return database.watch((keys) => {
      for (const what of ["identity", "manifest", "sessions"] as const) if (keys.includes(`wallet-${what}`)) changed(what);
    });
  }

  // --- Items

  /** The items as this device knows them, by path. Needs no network. */
  items(): Promise<ItemSummary[]> { return summaries(); }

  /** Brings this device up to date with what others have stored. `Untrusted`: `manifest_*`. */
  pull(): Promise<void> { return database.exclusively("manifest", () => pull(this.#device)); }

  /** Opens an item: from here, else from the node. `BadInput`: `unknown`; `Untrusted`: `object`. */
  get(path: string): Promise<StoredItem> { return openCurrent(this.#device, path); }

  /**
   * Opens every item that is here, and fetches the others, if there is network. By path. A list
   * that shows no files leaves them closed by `bytesMax`, the size of the sealed object.
   */
  getAll({ bytesMax = Infinity }: { readonly bytesMax?: number } = {}): Promise<StoredItem[]> {
    return openAll(this.#device, bytesMax);
  }

  /** Stores values, each as a new version, all in one commit. `BadInput`: `path`, `media_type`, `too_many`. */
  put(items: readonly NewItem[]): Promise<void> { return put(this.#device, items); }

  /** Deletes items: a tombstone stays, and earlier versions until the node forgets them. */
  delete(paths: readonly string[]): Promise<void> { return remove(this.#device, paths); }

  /** The versions of an item that this device knows of, newest first. */
  history(path: string): Promise<PastVersion[]> { return history(path); }

  /** Opens an earlier version, as long as it is here or the node still has it (`Problem` `not_found`). */
  getVersion(path: string, version: number): Promise<StoredItem> { return openVersion(this.#device, path, version); }

  // --- Consent: scan, claim, show the number, wait for it, show what is asked for, approve

  /** Fetches the statement behind a link and verifies it. Nothing is taken or told yet. */
  scan(link: SessionLink): Promise<Scanned> { return scan(this.#device, link); }

  /** Sessions scanned here and neither answered nor over: to go on after the page was closed. */
  pending(): Promise<Scanned[]> { return pending(); }

  /** Takes the session for this device alone. Twice is once. The answer has the number. */
  claim(session: string): Promise<SessionView> { return claim(this.#device, session); }

  /** Where a session is that this device claimed. */
  session(session: string): Promise<SessionView> { return look(this.#device, session); }

  /** Waits until a claimed session is `confirmed` or `ended`: the number was typed, or it is over. */
  untilConfirmed(session: string, signal: AbortSignal): Promise<SessionView> {
    return untilConfirmed(this.#device, session, signal);
  }

  /**
   * Where a claimed session is, now and whenever that changes, until it is over or the signal
   * ends it. No event tells a wallet: this looks twice a second, so use it while it is on the
   * screen.
   */
  watchSession(session: string, signal: AbortSignal): AsyncGenerator<SessionView, void, void> {
    return watchSession(this.#device, session, signal);
  }

  /** What is asked for, once confirmed. `Untrusted`: `offer`. `Problem`: `number_required`, … */
  async asked(session: string): Promise<Asked> { return (await ask(this.#device, session)).asked; }

  /**
   * Lends the ticked items and refuses all others. Needs the person. `language` is the one whose
   * words the person saw: it is signed. `BadInput`: `tick`, `untick`, `language`.
   */
  approve(asked: Asked, ticked: readonly string[], language: string): Promise<Answered> {
    return approve(this.#device, asked, ticked, language);
  }

  /** Refuses everything and ends the session. */
  async deny(session: string): Promise<void> {
    await this.#device.send(post(`/v1/sessions/${session}/deny`));
    await forgetSession(session);
  }

  /** Forgets a session that is over, or that the person does not want to answer. */
  dismiss(session: string): Promise<void> { return forgetSession(session); }

  // --- Grants

  /** What was lent, newest first; kept for `lastGrants`. */
  grants(): Promise<Grant[]> { return grants.grants(this.#device); }

  /** The grants as last seen, and when: for a screen without network. */
  lastGrants(): Promise<{ readonly at: number; readonly grants: Grant[] } | undefined> { return grants.lastGrants(); }

  grant(id: string): Promise<Grant> { return grants.grant(this.#device, id); }

  /** What happened under a grant, oldest first; the chain was verified (`Untrusted` `chain`). */
  records(grant: string): Promise<GrantRecord[]> { return grants.records(this.#device, grant); }

  /** Lends nothing for now. */
  pause(grant: string): Promise<Grant> { return grants.pause(this.#device, grant); }
  /** Lends again. */
  resume(grant: string): Promise<Grant> { return grants.resume(this.#device, grant); }
  /** Never lends again. Where later versions were covered, their next version gets a new key. */
  revoke(grant: string): Promise<Grant> { return grants.revoke(this.#device, grant); }

  // --- Devices, reverse start, events

  devices(): Promise<DeviceInfo[]> { return devices(this.#device); }
  /** Lets a device in no more. */
  revokeDevice(device: string): Promise<void> { return revokeDevice(this.#device, device); }

  /** A code to show a terminal; four are live at most (`Problem` `limit_reached`). */
  showCode(): Promise<ShownCode> { return showCode(this.#device); }
  /** Waits until a terminal has started a session with it: `scan` the link. None: its time is over. */
  invitation(code: ShownCode, signal: AbortSignal): Promise<SessionLink | undefined> {
    return invitation(this.#device, code, signal);
  }

  /**
   * What happens to the vault, from the last two minutes on. Goes on over broken connections by
   * itself; throws `Unreachable` after about a minute without any, what the node refuses at once,
   * and ends when the signal does. `connected` is told when the node is heard, and when it is not
   * any more.
   */
  events(signal: AbortSignal, connected?: (is: boolean) => void): AsyncGenerator<WalletEvent, void, void> {
    return events(this.#device, signal, connected);
  }

  // --- All of it

  /** Everything of the vault, items opened, as a JSON file. Needs the person. */
  export(): Promise<Blob> { return exportAll(this.#device); }

  /** Erases the vault at the node and everything here. Needs the person. It cannot be taken back. */
  deleteVault(): Promise<void> { return deleteVault(this.#device); }

  /** Forgets everything here, for a device that was revoked or whose vault is gone. */
  forget(): Promise<void> { return forget(); }
}

const isPersisted = async (): Promise<boolean> => (await navigator.storage?.persisted?.()) ?? false;
const persist = async (): Promise<boolean> => (await navigator.storage?.persist?.()) ?? false;

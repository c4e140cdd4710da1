// Grants: what was lent to whom, pausing and ending it, and the chain of its uses.

import { GrantView, RecordView } from "../api.ts";
import * as database from "../database.ts";
import { get, post } from "../http.ts";
import { Untrusted } from "../problem.ts";
import { verifyChain } from "./chain.ts";
import type { Action, Device } from "./device.ts";
import { manifest } from "./manifest.ts";
import type { Grant, GrantRecord, UsedItem } from "./shapes.ts";
import { type Manifest, type Memory, keep, recall } from "./state.ts";

/** The grants, newest first, kept for when there is no network. */
export async function grants(device: Device): Promise<Grant[]> {
  const views = await device.all(GrantView, "/v1/grants");
  await keep({ grants: { at: Date.now(), views } });
  return shownAll(views);
}

/** The grants as last seen. */
export async function lastGrants(): Promise<{ readonly at: number; readonly grants: Grant[] } | undefined> {
  const kept = await recall("grants");
  return kept && { at: kept.at, grants: await shownAll(kept.views) };
}

export async function grant(device: Device, id: string): Promise<Grant> {
  const memories = (await recall("memories")) ?? {};
  return shown(await device.read(GrantView, get(`/v1/grants/${id}`)), memories);
}

/** Remembers what this device was shown when it approved. */
export const rememberGrant = (id: string, memory: Memory): Promise<void> =>
  database.exclusively("memories", async () => keep({ memories: { ...(await recall("memories")), [id]: memory } }));

async function shownAll(views: readonly GrantView[]): Promise<Grant[]> {
  const memories = (await recall("memories")) ?? {};
  return views.map((view) => shown(view, memories)).toSorted((one, other) => other.created - one.created);
}

function shown(view: GrantView, memories: Readonly<Record<string, Memory>>): Grant {
  const memory = Object.hasOwn(memories, view.id) ? memories[view.id] : undefined;
  // Another grant of the same institution tells its name too.
  const named = Object.values(memories).find(({ institution }) => institution.id === view.institution);
  return {
    id: view.id,
    institution: { id: view.institution, name: named?.institution.name },
    frontEnd: memory?.frontEnd,
    words: memory?.words,
    state: view.state,
    paths: view.paths,
    purposeCode: view.purpose,
    delivery: view.delivery,
    coversFuture: view.covers_future,
    usesMax: view.uses_max,
    periodSeconds: view.period_seconds,
    uses: view.uses,
    lastUse: view.last_use,
    created: view.created,
    expires: view.expires,
  };
}

export const pause = (device: Device, grant: string): Promise<Grant> =>
  move(device, grant, "pause", { pause_grant: { grant } });

export const resume = (device: Device, grant: string): Promise<Grant> =>
  move(device, grant, "resume", { resume_grant: { grant } });

/**
 * Never lends again. Where later versions were covered, the next version of each item gets a
 * new key epoch, so that what was lent does not open it.
 */
export async function revoke(device: Device, id: string): Promise<Grant> {
  const revoked = await move(device, id, "revoke", { revoke_grant: { grant: id } });
  if (revoked.coversFuture) await raiseEpochs(revoked.paths);
  return revoked;
}

async function move(device: Device, id: string, verb: string, action: Action): Promise<Grant> {
  const memories = (await recall("memories")) ?? {};
  const request = post(`/v1/grants/${id}/${verb}`, await device.command(action));
  return shown(await device.read(GrantView, request), memories);
}

const raiseEpochs = (paths: readonly string[]): Promise<void> =>
  database.exclusively("manifest", async () => {
    const known = await manifest();
    const items = Object.entries(known.items).map(([path, item]) => {
      const nextEpoch = paths.includes(path) ? Math.max(item.nextEpoch, item.entry.epoch + 1) : item.nextEpoch;
      return [path, { ...item, nextEpoch }];
    });
    await keep({ manifest: { ...known, items: Object.fromEntries(items) } });
  });

/**
 * What happened under a grant. The chain is verified link by link up to the head that both
 * sides see, so that a use cannot be hidden from one of them.
 */
export async function records(device: Device, id: string): Promise<GrantRecord[]> {
  const views = await device.all(RecordView, `/v1/grants/${id}/records`);
  const head = verifyChain(id, views);
  // Read after the records: a use in between shows as a newer head.
  const grant = await device.read(GrantView, get(`/v1/grants/${id}`));
  const uses = views.filter(({ fact }) => fact.kind === "used").length;
  if (grant.chain !== head && grant.uses <= uses) throw new Untrusted("chain", "the grant's chain has another head");
  const known = await manifest();
  return views.map(({ sequence, fact }) => ({
    sequence, at: fact.at, kind: fact.kind, state: fact.state,
    items: (fact.items ?? []).map((item) => used(known, item)),
  }));
}

function used({ items }: Manifest, item: { readonly path: string; readonly version: number; readonly digest: string }): UsedItem {
  const entry = Object.hasOwn(items, item.path) ? items[item.path]?.entry : undefined;
  const isThere = entry !== undefined && entry.tombstone === undefined;
  return {
    path: item.path,
    version: item.version,
    currentVersion: isThere ? entry.version : undefined,
    changedSince: entry !== undefined && (!isThere || entry.digest !== item.digest),
  };
}

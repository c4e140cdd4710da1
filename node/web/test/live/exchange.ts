// The whole of the core against a real node: enrolment, items, consent on each channel, grants,
// a second device by the recovery sheet, the reverse start, and what must be refused.

import assert from "node:assert/strict";
import { test } from "node:test";
import * as api from "../../src/core/api.ts";
import type { FrontEnd, GrantRecord, Scanned, Wallet } from "./browser.ts";
import { checkApi } from "./openapi.ts";
import {
  type Browser, bank, commandLine, enrolment, eventually, lying, offline, openBrowser, origin, recoverOnCommandLine, use,
} from "./stage.ts";

const never = new AbortController().signal;

// What a call threw, which must be this class of this core with this reason or code.
async function refused(work: Promise<unknown>, kind: string, reason: string | undefined): Promise<void> {
  const error: unknown = await work.then(() => undefined, (error: unknown) => error);
  const { name, reason: why, code } = (error ?? {}) as { name?: string; reason?: string; code?: string };
  assert.deepEqual([name, why ?? code], [kind, reason], String(error));
}

const names = (items: readonly { readonly path: string }[]): string[] => items.map((item) => item.path);

await test("the pages' core and a node", { timeout: 240_000 }, async (t) => {
  const [phone, screen] = [await openBrowser(), await openBrowser()];
  const { jsonItem, jsonValue, everything, parseLink } = phone.core;
  let wallet!: Wallet;
  let counter!: FrontEnd;
  let words = "";

  await t.test("the shapes are the node's", async () => {
    checkApi((await (await fetch(`${origin}/openapi.json`)).json()) as object, api);
  });

  await t.test("a screen is enrolled once", async () => {
    use(screen);
    const parsed = screen.core.parseEnrolment(`${origin}/front-end#enrol=${enrolment}`);
    counter = await screen.core.FrontEnd.enrol(parsed);
    assert.equal((await screen.core.FrontEnd.open())?.id, counter.id);
    await refused(screen.core.FrontEnd.enrol(parsed), "BadInput", "exists");
    await refused(phone.core.FrontEnd.enrol(parsed), "Problem", "invalid_grant");
  });

  await t.test("a vault is made; a person who cancels has none", async () => {
    use(phone);
    phone.authenticator.person = "cancels";
    await refused(phone.core.Wallet.enrol({ deviceName: "Phone" }), "NoUserVerification", "cancelled");
    assert.equal(await phone.core.Wallet.open(), undefined);
    phone.authenticator.person = "confirms";
    await refused(phone.core.Wallet.enrol({ deviceName: "a\nb" }), "BadInput", "name");
    wallet = await phone.core.Wallet.enrol({ deviceName: "Phone" });
    await refused(phone.core.Wallet.enrol({ deviceName: "Phone" }), "BadInput", "exists");
    assert.equal((await phone.core.Wallet.open())?.vault, wallet.vault);
    assert.deepEqual((await wallet.devices()).map(({ name, isThis, admitted }) => [name, isThis, admitted]), [["Phone", true, "first"]]);
  });

  await t.test("its recovery sheet is tried, and exists on paper alone", async () => {
    assert.equal(wallet.isSheetTried, false);
    const sheet = await wallet.recoverySheet();
    words = sheet.words.join(" ");
    await refused(wallet.trySheet(`${words} abandon`), "BadInput", "words");
    await wallet.trySheet(words);
    assert.equal(wallet.isSheetTried, true);
    await refused(wallet.recoverySheet(), "BadInput", "unknown");
    await wallet.renewSheet();
    const renewed = await wallet.recoverySheet();
    await refused(wallet.trySheet(sheet.link), "BadInput", "other_sheet");
    words = renewed.words.join(" ");
    await wallet.trySheet(renewed.link);
  });

  await t.test("items: stored, changed, deleted, opened without asking anybody", async () => {
    await refused(wallet.put([jsonItem("symbolon.paths", 1)]), "BadInput", "path");
    await wallet.put([
      jsonItem("oidc.name", "Ada"), jsonItem("oidc.birthdate", "1985-12-10"), jsonItem("oidc.email", "ada@example.org"),
      jsonItem("oidc.gender", "x"), jsonItem("ida.verification.trust_framework", "eidas"),
    ]);
    await wallet.put([jsonItem("oidc.name", "Ada Lovelace"), { path: "notes", mediaType: "text/plain", value: new Uint8Array(200_000).fill(97) }]);
    await wallet.delete(["oidc.gender"]);
    assert.deepEqual(names(await wallet.items()), ["ida.verification.trust_framework", "notes", "oidc.birthdate", "oidc.email", "oidc.name"]);
    const name = await wallet.get("oidc.name");
    assert.deepEqual([jsonValue(name), name.version], ["Ada Lovelace", 2]);
    assert.ok(name.modified > name.created);
    assert.equal(jsonValue(await wallet.getVersion("oidc.name", 1)), "Ada");
    assert.deepEqual((await wallet.history("oidc.gender")).map(({ version, isDeletion }) => [version, isDeletion]), [[2, true], [1, false]]);
    await refused(wallet.get("oidc.gender"), "BadInput", "unknown");
    await wallet.put([jsonItem("oidc.gender", "f")]);
    assert.deepEqual([(await wallet.get("oidc.gender")).version, (await wallet.getAll()).length], [3, 6]);
    await wallet.pull();
  });

  // The desk of the demo answers who asks at the counter. A stream begins with what was before.
  const known = new Set<string>();
  const pushed = (): Promise<string> => (async () => {
    const over = new AbortController();
    await eventually(async () => {
      try {
        await counter.ask();
        return true;
      } catch (error) {
        // Twice within two seconds is too often.
        if (error instanceof screen.core.Problem && error.retryAfterMs !== undefined) return undefined;
        throw error;
      }
    });
    for await (const event of counter.events(over.signal)) {
      if (event.kind !== "session" || event.stage !== "pushed" || known.has(event.session)) continue;
      known.add(event.session);
      over.abort();
      return event.session;
    }
    throw new Error("no request was pushed");
  })();

  // From a scanned code to what is asked for.
  const confirmed = async (link: string): Promise<Scanned> => {
    const scanned = await wallet.scan(parseLink(link));
    const { number } = await wallet.claim(scanned.session);
    const waiting = wallet.untilConfirmed(scanned.session, never);
    await refused(wallet.asked(scanned.session), "Problem", "number_required");
    await counter.typeNumber(scanned.session, number ?? "");
    assert.equal((await waiting).stage, "confirmed");
    return scanned;
  };

  // Of the bank's offers: what it shows of one.
  const offer = async (title: string): Promise<{ id: string; document?: string }> => {
    const rows = (found: unknown) => found as { id: string; title: string; document?: string }[];
    const listed = rows(await bank("offers")).find((found) => found.title === title);
    const [shown] = rows(await bank("offer", "show", listed?.id ?? ""));
    assert.ok(shown, `there is no offer ${title}`);
    return shown;
  };

  let used!: GrantRecord;
  await t.test("consent by the institution's own channel; the use is seen", async () => {
    const opened = await counter.openSession({ session: await pushed() });
    const scanned = await confirmed(opened.link);
    assert.deepEqual([scanned.institution.name, scanned.frontEnd?.name], ["Example Bank", counter.name]);
    const lie = (by: object) => (body: Buffer) => JSON.stringify({ ...(JSON.parse(body.toString()) as object), ...by });
    const { document: other } = await offer("Open an account, with later changes");
    assert.ok(other);
    for (const by of [{ request: "A".repeat(43) }, { offer: other }, { offer: "a.b.c" }]) {
      await refused(lying(/offer$/, lie(by), () => wallet.asked(scanned.session)), "Untrusted", "offer");
    }
    const asked = await wallet.asked(scanned.session);
    // The words that the person saw are signed, in the language in which they saw them.
    const seen = asked.words.at(-1);
    assert.ok(seen && asked.words[0]?.language === "en");
    const ticked = everything(asked).filter((path) => path !== "oidc.gender");
    await refused(wallet.approve(asked, ticked.slice(1), "en"), "BadInput", "untick");
    await refused(wallet.approve(asked, [...ticked, "notes"], "en"), "BadInput", "tick");
    await refused(wallet.approve(asked, ticked, "de"), "BadInput", "language");
    await refused(wallet.approve({ ...asked, coversFuture: !asked.coversFuture }, ticked, "en"), "Untrusted", "offer");
    phone.authenticator.person = "cancels";
    await refused(wallet.approve(asked, ticked, "en"), "NoUserVerification", "cancelled");
    phone.authenticator.person = "confirms";
    assert.deepEqual((await wallet.pending()).map(({ session }) => session), [scanned.session]);
    const { kind, grant: id } = await wallet.approve(asked, ticked, seen.language);
    assert.deepEqual([kind, (await wallet.pending()).length], ["session", 0]);
    used = await eventually(async () => (await wallet.records(id)).find((record) => record.kind === "used"));
    assert.deepEqual(names(used.items).sort(), ticked.toSorted());
    assert.ok(used.items.every((item) => !item.changedSince && item.version === item.currentVersion));
    await wallet.put([jsonItem("oidc.name", "Ada King")]);
    const name = (await wallet.records(id)).find((record) => record.kind === "used")?.items.find((item) => item.path === "oidc.name");
    assert.deepEqual([name?.version, name?.currentVersion, name?.changedSince], [2, 3, true]);
    const grant = await wallet.grant(id);
    assert.deepEqual([grant.institution.name, grant.frontEnd?.place, grant.uses], ["Example Bank", counter.place, 1]);
    assert.deepEqual(grant.words, seen);
  });

  await t.test("a grant is paused, resumed and revoked", async () => {
    const [{ id = "" } = {}] = await wallet.grants();
    assert.equal((await wallet.pause(id)).state, "paused");
    assert.equal((await wallet.resume(id)).state, "active");
    assert.equal((await wallet.revoke(id)).state, "revoked");
    await refused(wallet.resume(id), "Problem", "grant_revoked");
    const records = await wallet.records(id);
    assert.deepEqual(records.map(({ kind, state }) => state ?? kind), ["given", "used", "paused", "active", "revoked"]);
    assert.equal((await wallet.lastGrants())?.grants[0]?.id, id);
  });

  await t.test("consent by a code that the bank's terminal scans, later versions included", async () => {
    const request = await bank("request", "--mode", "scan", "--offer", (await offer("Open an account, with later changes")).id);
    const opened = await counter.openSession({ requestUri: String(request["request_uri"]) });
    const { session } = await confirmed(opened.link);
    const asked = await wallet.asked(session);
    assert.deepEqual([asked.coversFuture, asked.delivery], [true, "server"]);
    const answered = await wallet.approve(asked, everything(asked), "en");
    assert.ok(answered.kind === "scan");
    const { grant } = await bank("redeem", answered.code);
    assert.equal(grant, answered.grant);
    await wallet.put([jsonItem("oidc.name", "Countess of Lovelace")]);
    const read = await bank("read", String(grant), "oidc.name");
    assert.match(JSON.stringify(read), /Countess of Lovelace/);
    await wallet.revoke(answered.grant);
    await wallet.put([jsonItem("oidc.name", "Ada Lovelace")]);
    const [last] = await wallet.history("oidc.name");
    assert.equal(last?.isCurrent, true);
  });

  await t.test("consent on the same device: the browser goes back with the code", async () => {
    const back = "https://bank.example/callback";
    const { request_uri: reference } = await bank("request", "--mode", "query", "--redirect-uri", back, "--offer", (await offer("Open an account")).id);
    const institution = String((await bank("describe"))["id"]);
    const query = new URLSearchParams({ client_id: institution, request_uri: String(reference) });
    const begun = await fetch(`${origin}/oauth/authorize?${query}`, { redirect: "manual" });
    const scanned = await wallet.scan(parseLink(begun.headers.get("location") ?? ""));
    assert.equal(scanned.frontEnd, undefined);
    const claimed = await wallet.claim(scanned.session);
    assert.deepEqual([claimed.stage, claimed.number], ["confirmed", undefined]);
    const asked = await wallet.asked(scanned.session);
    const answered = await wallet.approve(asked, everything(asked), "en");
    assert.ok(answered.kind === "query");
    const url = new URL(answered.redirect);
    assert.equal(url.origin + url.pathname, back);
    assert.deepEqual([...url.searchParams.keys()].sort(), ["code", "iss", "state"]);
    const { grant } = await bank("redeem", url.searchParams.get("code") ?? "");
    assert.equal(grant, answered.grant);
  });

  await t.test("what is scanned and does not fit is refused before anything is shown", async () => {
    const { link } = await counter.openSession({ session: await pushed() });
    const right = parseLink(link);
    await refused(wallet.scan({ ...right, thumbprint: "A".repeat(22) }), "Untrusted", "thumbprint");
    await refused(wallet.scan({ ...right, origin: "https://other.example" }), "Untrusted", "foreign_origin");
    const { session } = await wallet.scan(right);
    const { number = "" } = await wallet.claim(session);
    const wrong = number === "11" ? "12" : "11";
    await refused(counter.typeNumber(session, wrong), "Problem", "wrong_number");
    const ended = await wallet.untilConfirmed(session, never);
    assert.deepEqual([ended.stage, ended.end], ["ended", "wrong_number"]);
    await wallet.dismiss(session);
    assert.equal((await wallet.pending()).length, 0);
  });

  await t.test("the start turned round: the phone shows, the screen scans; then the person says no", async () => {
    const code = await wallet.showCode();
    const invited = wallet.invitation(code, never);
    const session = await pushed();
    await refused(counter.openSession({ session }, `hnt_eu1_${"A".repeat(43)}`), "Problem", "invalid_hint");
    const opened = await counter.openSession({ session }, screen.core.parseHint(code.link));
    const link = await invited;
    assert.deepEqual([link?.session, opened.view.invited], [session, true]);
    await confirmed(opened.link);
    await wallet.deny(session);
    assert.equal((await counter.session(session)).end, "denied");
  });

  await t.test("a session is given up", async () => {
    const { view } = await counter.openSession({ session: await pushed() });
    const image = await (await fetch(await counter.qrImage(view.session))).text();
    assert.match(image, /^<svg|<\?xml/);
    await counter.cancel(view.session);
    assert.equal((await counter.session(view.session)).end, "cancelled");
  });

  await t.test("without network: what is stored can be seen, the rest says so", async () => {
    await wallet.grants();
    await offline(async () => {
      const again = await phone.core.Wallet.open();
      assert.ok(again);
      assert.deepEqual(names(await again.getAll()), names(await wallet.items()));
      assert.equal((await again.lastGrants())?.grants.length, 3);
      const works = [() => again.grants(), () => again.pull(), () => again.put([jsonItem("oidc.name", "?")]), () => again.showCode()];
      for (const work of works) await refused(work(), "Unreachable", undefined);
    });
    assert.equal(jsonValue(await wallet.get("oidc.name")), "Ada Lovelace");
  });

  await t.test("a node that lies is not believed", async () => {
    const change = (change: (told: Record<string, unknown>) => void) => (body: Buffer) => {
      const told = JSON.parse(body.toString()) as Record<string, unknown>;
      change(told);
      return JSON.stringify(told);
    };
    const manifest = (by: object) => change((told) => Object.assign(told, by));
    const pull = () => wallet.pull();
    const root = "A".repeat(43);
    await refused(lying(/manifest$/, manifest({ epoch: 1 }), pull), "Untrusted", "manifest_older");
    await refused(lying(/manifest$/, manifest({ root }), pull), "Untrusted", "manifest_forked");
    await refused(lying(/manifest$/, manifest({ epoch: 99 }), pull), "Untrusted", "manifest_unsigned");
    await refused(lying(/manifest$/, manifest({ epoch: 99, commit: undefined }), pull), "Untrusted", "manifest_unsigned");
    const [last] = await wallet.grants();
    const records = () => wallet.records(last?.id ?? "");
    const facts = (told: Record<string, unknown>) => told["items"] as { fact: { items?: { version: number }[] } }[];
    await refused(lying(/records$/, change((told) => facts(told).pop()), records), "Untrusted", "chain");
    await refused(lying(/records$/, change((told) => facts(told).shift()), records), "Untrusted", "chain");
    await refused(lying(/grants$/, () => "<html>", () => wallet.grants()), "Untrusted", "answer");
    await refused(lying(/grants$/, manifest({ items: [{}] }), () => wallet.grants()), "Untrusted", "answer");
  });

  let tablet!: Browser;
  await t.test("a second device by the recovery sheet: same items, told to the first", async () => {
    tablet = await openBrowser();
    await refused(tablet.core.Wallet.recover("abandon ".repeat(24), { deviceName: "Tablet" }), "BadInput", "words");
    let epochs: number[] = [];
    const listen = (body: Buffer) => {
      epochs = (JSON.parse(body.toString()) as { items: { epoch: number }[] }).items.map(({ epoch }) => epoch);
      return body;
    };
    const second = await lying(/items$/, listen, () => tablet.core.Wallet.recover(words, { deviceName: "Tablet" }));
    assert.equal(epochs.filter((epoch) => epoch === 2).length, 1, "what was stored after a grant of later versions ended has a new key");
    assert.equal(second.isSheetTried, true);
    assert.deepEqual(names(await second.items()), names(await wallet.items()));
    assert.equal(jsonValue(await second.get("oidc.name")), "Ada Lovelace");
    assert.equal(jsonValue(await second.getVersion("oidc.name", (await second.get("oidc.name")).version)), "Ada Lovelace");
    const devices = await wallet.devices();
    assert.deepEqual(devices.map(({ name, admitted }) => [name, admitted]).sort(), [["Phone", "first"], ["Tablet", "recovery"]]);
    const over = new AbortController();
    for await (const event of wallet.events(over.signal)) {
      if (event.kind === "device" && event.name === "Tablet") over.abort();
    }
    // Each stores on top of the other.
    const { created } = await wallet.get("oidc.email");
    await second.put([jsonItem("oidc.email", "countess@example.org"), jsonItem("oidc.phone_number", "+44 1")]);
    await wallet.put([jsonItem("oidc.gender", "female")]);
    assert.equal(jsonValue(await wallet.get("oidc.email")), "countess@example.org");
    assert.equal((await wallet.get("oidc.email")).created, created);
    await second.pull();
    assert.equal(jsonValue(await second.get("oidc.gender")), "female");
    // An object that was changed on its way, or put in another's place.
    const bytes = /objects/;
    await second.pull();
    await wallet.put([jsonItem("oidc.name", "Ada")]);
    await second.pull();
    for (const change of [(body: Buffer) => Buffer.concat([body.subarray(0, -1), Buffer.from([0])]), (body: Buffer) => body.subarray(0, 80)]) {
      const error: unknown = await lying(bytes, change, () => second.get("oidc.name")).catch((error: unknown) => error);
      // Told by its digest, before a key is tried.
      assert.match(String(error), /the object of oidc.name was changed/);
    }
    assert.equal(jsonValue(await second.get("oidc.name")), "Ada");
    await wallet.put([jsonItem("oidc.name", "Ada Lovelace")]);
    await refused(lying(/items$/, (body) => body.toString().replace('"version":', '"version":1'), () => second.pull()), "Untrusted", "manifest_items");
    await refused(lying(/items$/, () => '{"items":[]}', () => second.pull()), "Untrusted", "manifest_items");
    await second.pull();
    await wallet.revokeDevice(second.device);
    await refused(second.grants(), "Problem", "device_revoked");
    await second.forget();
    assert.equal(await tablet.core.Wallet.open(), undefined);
  });

  await t.test("the same sheet lets the command line in; each reads what the other stored", async () => {
    await recoverOnCommandLine(words);
    assert.match(JSON.stringify(await commandLine("item", "show", "oidc.name")), /Ada Lovelace/);
    await commandLine("item", "put", "from_there", '"hello"');
    await wallet.pull();
    assert.equal(jsonValue(await wallet.get("from_there")), "hello");
    const other = (await wallet.devices()).find(({ isThis, revoked }) => !isThis && !revoked);
    await wallet.revokeDevice(other?.id ?? "");
  });

  await t.test("all of it as a file, then erased", async () => {
    use(phone);
    const file = JSON.parse(await (await wallet.export()).text()) as { items: { path: string; value: unknown }[]; grants: { institution: { name: string } }[]; stored: { type: string }[] };
    assert.equal(file.items.find((item) => item.path === "oidc.name")?.value, "Ada Lovelace");
    assert.deepEqual(file.grants.map((grant) => grant.institution.name), Array(3).fill("Example Bank"));
    assert.deepEqual([...new Set(file.stored.map((line) => line.type))], ["vault", "device", "manifest", "item", "object", "grant", "record", "end"]);
    await wallet.deleteVault();
    assert.equal(await phone.core.Wallet.open(), undefined);
    const late: unknown = await tablet.core.Wallet.recover(words, { deviceName: "Tablet" }).catch((error: unknown) => error);
    // Which of the two depends on whether the node has swept already.
    assert.ok(late instanceof tablet.core.Problem && ["vault_gone", "recovery_refused"].includes(late.code), String(late));
  });
});

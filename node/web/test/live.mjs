// Runs the pages' core against a real node: node test/live.mjs <symbolon>
// The program runs its demo in a folder of its own, and the wallet and front end of the pages
// take part from outside, with an authenticator in software.
import { build } from "esbuild";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { tmpdir } from "node:os";

const symbolon = resolve(process.argv[2] ?? "../../target/debug/symbolon");
const place = await mkdtemp(join(tmpdir(), "symbolon-live-"));
const folder = join(place, "demo");

await build({
  entryPoints: ["test/live/exchange.ts", "test/live/browser.ts"],
  outdir: place,
  bundle: true,
  platform: "node",
  format: "esm",
  target: "node20",
  sourcemap: "inline",
  outExtension: { ".js": ".mjs" },
  logLevel: "error",
});

const demo = spawn(symbolon, ["demo", "--keep", "--folder", folder], { cwd: place, stdio: ["ignore", "ignore", "pipe"] });
// Everything that it says until it stays up; it goes on saying what the bank does.
const said = await new Promise((settle, fail) => {
  let text = "";
  demo.on("error", fail);
  demo.on("exit", (code) => fail(new Error(`the demo ended (${code}):\n${text}`)));
  demo.stderr.on("data", (piece) => {
    text += piece;
    if (text.includes("/openapi.json")) settle(text);
  });
});
const [, origin, enrolment] = /(https:\S+)\/front-end#enrol=(\S+)/.exec(said);

// A failed test may leave a stream open: it must not keep the rest waiting.
const run = spawn(process.execPath, ["--enable-source-maps", "--test-force-exit", join(place, "exchange.mjs")], {
  stdio: "inherit",
  env: {
    ...process.env,
    NODE_EXTRA_CA_CERTS: join(folder, "node/tls/ca.pem"),
    LIVE_ORIGIN: origin,
    LIVE_FOLDER: folder,
    LIVE_SYMBOLON: symbolon,
    LIVE_ENROLMENT: enrolment,
  },
});
const [code] = await once(run, "exit");
demo.removeAllListeners("exit");
demo.kill("SIGINT");
await once(demo, "exit");
await rm(place, { recursive: true, force: true });
process.exit(code ?? 1);

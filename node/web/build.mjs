// Bundles the three pages into `dist`, which is committed: the same source and lockfile give
// the same bytes. Names of scripts and styles carry a hash of what they hold; the pages and
// the service worker do not, and are never cached for long.
import { build } from "esbuild";
import { cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { basename } from "node:path";
import { createHash } from "node:crypto";

const pages = ["phone", "front-end", "console"];
await rm("dist", { recursive: true, force: true });
await mkdir("dist", { recursive: true });

const bundled = await build({
  entryPoints: Object.fromEntries(pages.map((page) => [page, `src/${page}/main.tsx`])),
  outdir: "dist/assets",
  entryNames: "[name]-[hash]",
  chunkNames: "[name]-[hash]",
  assetNames: "[name]-[hash]",
  bundle: true,
  splitting: true,
  format: "esm",
  target: "es2022",
  minify: true,
  legalComments: "none",
  charset: "utf8",
  metafile: true,
  define: { "process.env.NODE_ENV": '"production"' },
});

await cp("public", "dist", { recursive: true });
const shell = [];
for (const [file, output] of Object.entries(bundled.metafile.outputs)) {
  const page = pages.find((page) => output.entryPoint === `src/${page}/main.tsx`);
  if (page === undefined) continue;
  const html = await readFile(`src/${page}/page.html`, "utf8");
  const preload = output.imports
    .filter((it) => it.kind === "import-statement")
    .map((it) => `<link rel="modulepreload" href="/assets/${basename(it.path)}">`);
  const style = output.cssBundle ? `<link rel="stylesheet" href="/assets/${basename(output.cssBundle)}">` : "";
  const script = `<script type="module" src="/assets/${basename(file)}"></script>`;
  await writeFile(`dist/${page}.html`, html.replace("<!-- assets -->", [style, ...preload, script].join("\n  ")));
}

// The phone page works without network: its worker keeps everything that the page may load.
const phone = Object.entries(bundled.metafile.outputs)
  .find(([, output]) => output.entryPoint === "src/phone/main.tsx")[0];
const reached = new Set();
const reach = (file) => {
  if (reached.has(file)) return;
  reached.add(file);
  const output = bundled.metafile.outputs[file];
  if (output.cssBundle) reach(output.cssBundle);
  for (const it of output.imports) if (!it.external) reach(it.path);
};
reach(phone);
for (const file of reached) shell.push(`/assets/${basename(file)}`);
shell.sort();
const version = createHash("sha256").update(JSON.stringify(shell)).update(await readFile("dist/phone.html")).digest("hex").slice(0, 16);
await build({
  entryPoints: ["src/phone/service-worker.ts"],
  outfile: "dist/service-worker.js",
  bundle: true,
  format: "iife",
  target: "es2022",
  minify: true,
  legalComments: "none",
  define: { SHELL: JSON.stringify(shell), VERSION: JSON.stringify(version) },
});

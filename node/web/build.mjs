// Bundles the three pages into `dist`, which is committed: the same source and lockfile give
// the same bytes. Names of scripts and styles carry a hash of what they hold; the pages and
// the service worker do not, and are never cached for long.
import { build } from "esbuild";
import { cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { basename } from "node:path";
import { createHash } from "node:crypto";
import { brotliCompressSync } from "node:zlib";

const pages = ["phone", "front-end", "console"];
/** Most compressed bytes of what a page loads before it shows anything. */
const FIRST_LOAD_MAX = 150_000;
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

/** An output and all that it imports, itself or through others. */
function reached(from, follows, found = new Set()) {
  if (found.has(from)) return found;
  found.add(from);
  const imports = bundled.metafile.outputs[from].imports.filter((it) => !it.external && follows(it));
  for (const { path } of imports) reached(path, follows, found);
  return found;
}

await cp("public", "dist", { recursive: true });
for (const [file, output] of Object.entries(bundled.metafile.outputs)) {
  const page = pages.find((page) => output.entryPoint === `src/${page}/main.tsx`);
  if (page === undefined) continue;
  const html = await readFile(`src/${page}/page.html`, "utf8");
  const chunks = [...reached(file, (it) => it.kind === "import-statement")].filter((it) => it !== file);
  const preload = chunks.map((it) => `<link rel="modulepreload" href="/assets/${basename(it)}">`);
  const style = output.cssBundle ? `<link rel="stylesheet" href="/assets/${basename(output.cssBundle)}">` : "";
  const script = `<script type="module" src="/assets/${basename(file)}"></script>`;
  await writeFile(`dist/${page}.html`, html.replace("<!-- assets -->", [style, ...preload, script].join("\n  ")));
  await measure(page, [file, output.cssBundle, ...chunks]);
}

async function measure(page, files) {
  const texts = await Promise.all([`dist/${page}.html`, ...files.filter(Boolean)].map((file) => readFile(file)));
  const bytes = texts.reduce((sum, text) => sum + brotliCompressSync(text).length, 0);
  console.log(`${page}: first load ${bytes} bytes compressed`);
  if (bytes > FIRST_LOAD_MAX) throw new Error(`${page} loads more than ${FIRST_LOAD_MAX} bytes first`);
}

// The phone page works without network: its worker keeps everything that the page may load.
const shell = [];
const phone = Object.entries(bundled.metafile.outputs)
  .find(([, output]) => output.entryPoint === "src/phone/main.tsx")[0];
for (const file of reached(phone, () => true)) {
  const { cssBundle } = bundled.metafile.outputs[file];
  shell.push(...[file, cssBundle].filter(Boolean).map((it) => `/assets/${basename(it)}`));
}
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

// Draws the page's icons: a token broken in two whose halves match. Run it when they change:
// `node icons.mjs`. What it writes is committed; nothing else is needed to make them.
import { writeFile } from "node:fs/promises";
import { deflateSync } from "node:zlib";

const ground = [0x0b, 0x5d, 0x57];
const halves = [[0xff, 0xff, 0xff], [0x8f, 0xd3, 0xc8]];
// In a square of 32: the edge where it broke, once for each half.
const edge = [[14.5, 0], [14.5, 2.1], [11.5, 12.5], [16.5, 18], [12, 23.5], [14.5, 29.9], [14.5, 32]];
const GAP = 4;
const RADIUS = 14;
const SAMPLES = 4;

function edgeAt(y) {
  for (let at = 1; at < edge.length; at++) {
    const [[x0, y0], [x1, y1]] = [edge[at - 1], edge[at]];
    if (y <= y1) return x0 + ((x1 - x0) * (y - y0)) / (y1 - y0 || 1);
  }
  return edge.at(-1)[0];
}

// The colour of a point of the square, or none.
function colourAt(x, y) {
  if ((x - 16) ** 2 + (y - 16) ** 2 > RADIUS ** 2) return undefined;
  const left = edgeAt(y);
  return x < left ? halves[0] : x > left + GAP ? halves[1] : undefined;
}

/** `scale`: how much of the icon's side the token takes; `corner`: radius of the ground's corners. */
function draw(size, scale, corner) {
  const rows = Buffer.alloc(size * (size * 4 + 1));
  const inset = (p) => ((p / size - 0.5) / scale) * 28 + 16;
  const inCorner = (x, y) => {
    const [dx, dy] = [x, y].map((p) => Math.max(corner - p, p - (size - corner), 0));
    return dx * dx + dy * dy > corner * corner;
  };
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      const sum = [0, 0, 0, 0];
      for (let sub = 0; sub < SAMPLES * SAMPLES; sub++) {
        const [px, py] = [x + ((sub % SAMPLES) + 0.5) / SAMPLES, y + (Math.floor(sub / SAMPLES) + 0.5) / SAMPLES];
        if (inCorner(px, py)) continue;
        const colour = colourAt(inset(px), inset(py)) ?? ground;
        colour.forEach((it, at) => (sum[at] += it));
        sum[3] += 1;
      }
      const at = y * (size * 4 + 1) + 1 + x * 4;
      for (let channel = 0; channel < 3; channel++) rows[at + channel] = sum[3] ? Math.round(sum[channel] / sum[3]) : 0;
      rows[at + 3] = Math.round((sum[3] * 255) / (SAMPLES * SAMPLES));
    }
  }
  return rows;
}

const table = Array.from({ length: 256 }, (_, n) => {
  for (let bit = 0; bit < 8; bit++) n = n & 1 ? 0xedb88320 ^ (n >>> 1) : n >>> 1;
  return n >>> 0;
});
const crc = (bytes) => (bytes.reduce((sum, byte) => table[(sum ^ byte) & 255] ^ (sum >>> 8), 0xffffffff) ^ 0xffffffff) >>> 0;

function chunk(type, data) {
  const body = Buffer.concat([Buffer.from(type), data]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  sum.writeUInt32BE(crc(body));
  return Buffer.concat([length, body, sum]);
}

function png(size, rows) {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(size, 0);
  header.writeUInt32BE(size, 4);
  header.set([8, 6, 0, 0, 0], 8);
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([signature, chunk("IHDR", header), chunk("IDAT", deflateSync(rows, { level: 9 })), chunk("IEND", Buffer.alloc(0))]);
}

const icons = [
  ["icon-192.png", 192, 0.68, 40],
  ["icon-512.png", 512, 0.68, 108],
  // Any launcher may cut these to its own shape: the token stays within the middle.
  ["maskable-512.png", 512, 0.56, 0],
  ["apple-touch-180.png", 180, 0.66, 0],
];
for (const [name, size, scale, corner] of icons) await writeFile(`public/icons/${name}`, png(size, draw(size, scale, corner)));

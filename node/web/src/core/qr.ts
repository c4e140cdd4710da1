// QR codes: drawn as data for an SVG path, read from a camera or a picture. What reads is
// loaded when it is first needed.

import encodeQR from "qr";

/** A code to draw: `<svg viewBox="0 0 {size} {size}"><path d={path}/></svg>`, quiet zone included. */
export interface QrCode {
  /** Modules from edge to edge. */
  readonly size: number;
  /** The dark modules. */
  readonly path: string;
}

/** Modules of quiet zone that a reader needs (ISO/IEC 18004, section 6.3.8). */
const QUIET = 4;
/** Between two looks at the camera, milliseconds: as fast as a person moves a phone. */
const LOOK_EVERY = 120;
/** A code that was not accepted is not looked at again for this long. */
const REPEAT_AFTER = 1_000;

/** Draws a text; a screen needs no more than medium correction. */
export function qrCode(text: string): QrCode {
  const rows = encodeQR(text, "raw", { ecc: "medium", border: QUIET });
  // One stroke for each run of dark modules in a row.
  const path = rows.flatMap((row, y) => {
    const strokes: string[] = [];
    for (let x = 0; x < row.length; x++) {
      const start = x;
      while (row[x]) x++;
      if (x > start) strokes.push(`M${start} ${y}h${x - start}v1H${start}z`);
    }
    return strokes;
  });
  return { size: rows.length, path: path.join("") };
}

/** Finds the text of a code in a picture; none if there is none. */
type Reader = (source: HTMLVideoElement | ImageBitmap) => Promise<string | undefined>;

/**
 * Reads codes from a playing `<video>` until `accept` takes one (what it refuses is shown to it
 * again after a second) or the signal ends: then there is none.
 */
export async function scanVideo(
  video: HTMLVideoElement,
  accept: (text: string) => boolean,
  signal: AbortSignal,
): Promise<string | undefined> {
  const read = await reader();
  let refused: { readonly text: string; readonly at: number } | undefined;
  while (!signal.aborted) {
    const text = video.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA ? await read(video) : undefined;
    const isNew = text !== refused?.text || performance.now() - (refused?.at ?? 0) > REPEAT_AFTER;
    if (text !== undefined && isNew && !signal.aborted) {
      if (accept(text)) return text;
      refused = { text, at: performance.now() };
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY));
  }
  return undefined;
}

/** Reads a code from a picture; none if there is none in it. */
export async function readPicture(picture: ImageBitmap): Promise<string | undefined> {
  return (await reader())(picture);
}

let loaded: Promise<Reader> | undefined;

function reader(): Promise<Reader> {
  loaded ??= nativeReader().then((native) => native ?? bundledReader());
  return loaded;
}

interface NativeDetector {
  detect(source: HTMLVideoElement | ImageBitmap): Promise<readonly { readonly rawValue: string }[]>;
}

interface NativeDetectorClass {
  new (options: { readonly formats: readonly string[] }): NativeDetector;
  getSupportedFormats(): Promise<readonly string[]>;
}

// The browser's own, where the platform has one that reads QR codes.
async function nativeReader(): Promise<Reader | undefined> {
  const Detector = (globalThis as { BarcodeDetector?: NativeDetectorClass }).BarcodeDetector;
  const formats = await Detector?.getSupportedFormats().catch((): readonly string[] => []);
  if (Detector === undefined || !formats?.includes("qr_code")) return undefined;
  const detector = new Detector({ formats: ["qr_code"] });
  let instead: Reader | undefined;
  return async (source) => {
    try {
      if (instead === undefined) return (await detector.detect(source))[0]?.rawValue;
    } catch {
      // It is there and does not work: a service of the platform is missing.
      instead = await bundledReader();
    }
    return instead?.(source);
  };
}

/** Longest edge of what the bundled reader looks at, pixels: enough for a code that fills a third. */
const EDGE_MAX = 1_000;

async function bundledReader(): Promise<Reader> {
  const { default: decodeQR } = await import("qr/decode.js");
  const canvas = document.createElement("canvas");
  const context = canvas.getContext("2d", { willReadFrequently: true });
  return async (source) => {
    const [width, height] = source instanceof HTMLVideoElement
      ? [source.videoWidth, source.videoHeight]
      : [source.width, source.height];
    const scale = Math.min(1, EDGE_MAX / Math.max(width, height, 1));
    [canvas.width, canvas.height] = [Math.round(width * scale), Math.round(height * scale)];
    if (context === null || canvas.width === 0 || canvas.height === 0) return undefined;
    context.drawImage(source, 0, 0, canvas.width, canvas.height);
    try {
      return decodeQR(context.getImageData(0, 0, canvas.width, canvas.height));
    } catch {
      // No code in this picture: that is how the library says it.
      return undefined;
    }
  };
}

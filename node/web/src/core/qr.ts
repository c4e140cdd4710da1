// QR codes: drawn as data for an SVG path, read from a camera or a picture. What reads is
// loaded when it is first needed.

/** A code to draw: `<svg viewBox="0 0 {size} {size}"><path d={path}/></svg>`, quiet zone included. */
export interface QrCode {
  /** Modules from edge to edge. */
  readonly size: number;
  /** The dark modules. */
  readonly path: string;
}

/** Draws a text. */
export function qrCode(text: string): QrCode { void text; throw new Error("not written yet"); }

/**
 * Reads codes from a playing `<video>` until `accept` takes one (`accept` may throw to say that
 * it is not one of ours: it is shown again a second later) or the signal ends.
 */
export function scanVideo(
  video: HTMLVideoElement,
  accept: (text: string) => boolean,
  signal: AbortSignal,
): Promise<string | undefined> { void video; void accept; void signal; throw new Error("not written yet"); }

/** Reads a code from a picture; none if there is none in it. */
export function readPicture(picture: ImageBitmap): Promise<string | undefined> { void picture; throw new Error("not written yet"); }

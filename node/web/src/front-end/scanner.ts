// A keyboard-wedge scanner: to the page it is a keyboard that types a code very fast and ends
// it with Enter. It is heard wherever the focus is, and kept from pressing what has the focus.

/** What is heard of a key: `code` is the place on the keyboard, `key` what the system makes of it. */
export interface Keystroke {
  readonly key: string;
  readonly code: string;
  readonly shiftKey: boolean;
  /** Milliseconds of a steady clock. */
  readonly at: number;
}

/** What a key did: part of something typed fast, the end of a scan, or a person's key. */
export type Heard =
  | { readonly kind: "key" }
  | { readonly kind: "scanning" }
  | { readonly kind: "scan"; readonly readings: readonly string[] };

/**
 * The longest pause within a code, and the shortest code. A scanner leaves a few milliseconds,
 * which a busy machine stretches; whoever types by hand has nothing so long to type here.
 */
const PAUSE_MAX_MS = 250;
const LENGTH_MIN = 12;
/** From here on it is a scanner, and its keys are not for what has the focus. */
const SURE_AFTER = 4;
const LENGTH_MAX = 512;

// Scanners speak as a US keyboard. Where the system has another layout, or an input method is
// on, the places of the keys still say what was meant.
const SHIFTED: Readonly<Record<string, readonly [string, string]>> = {
  Minus: ["-", "_"], Equal: ["=", "+"], BracketLeft: ["[", "{"], BracketRight: ["]", "}"],
  Semicolon: [";", ":"], Quote: ["'", '"'], Backquote: ["`", "~"], Backslash: ["\\", "|"],
  Comma: [",", "<"], Period: [".", ">"], Slash: ["/", "?"], Space: [" ", " "],
};
const DIGITS_SHIFTED = ")!@#$%^&*(";

/** What a US keyboard types with this key; nothing for keys that type nothing. */
export function usKey(code: string, shift: boolean): string {
  const letter = /^Key([A-Z])$/.exec(code)?.[1];
  if (letter !== undefined) return shift ? letter : letter.toLowerCase();
  const digit = /^(Digit|Numpad)([0-9])$/.exec(code);
  if (digit?.[2] !== undefined) return shift && digit[1] === "Digit" ? DIGITS_SHIFTED.charAt(Number(digit[2])) : digit[2];
  return SHIFTED[code]?.[shift ? 1 : 0] ?? "";
}

/** Listens to keystrokes and tells a scanner from a person. */
export class WedgeScanner {
  #asTyped = "";
  #asPlaced = "";
  #count = 0;
  #last = Number.NEGATIVE_INFINITY;

  /** Hears one key that went down. Keys that only change others are not to be told. */
  hear(stroke: Keystroke): Heard {
    if (stroke.at - this.#last > PAUSE_MAX_MS) this.#forget();
    this.#last = stroke.at;
    if (stroke.key === "Enter") {
      const isScan = this.#count >= LENGTH_MIN;
      const readings = [...new Set([this.#asTyped, this.#asPlaced])].filter((text) => text !== "");
      this.#forget();
      return isScan ? { kind: "scan", readings } : { kind: "key" };
    }
    const typed = [...stroke.key].length === 1 ? stroke.key : "";
    const placed = usKey(stroke.code, stroke.shiftKey);
    if (typed === "" && placed === "") return { kind: "key" };
    if (this.#count >= LENGTH_MAX) this.#forget();
    this.#asTyped += typed;
    this.#asPlaced += placed;
    this.#count += 1;
    return { kind: this.#count > SURE_AFTER ? "scanning" : "key" };
  }

  #forget(): void {
    this.#asTyped = "";
    this.#asPlaced = "";
    this.#count = 0;
  }
}

const MODIFIERS = new Set(["Shift", "Control", "Alt", "AltGraph", "Meta", "CapsLock", "NumLock"]);

/**
 * Hears scanners on the whole page, whatever has the focus. `scanned` gets what may have been
 * meant, best first: as the system's layout has it, and as a US keyboard has it.
 */
export function listenForScans(scanned: (readings: readonly string[]) => void): () => void {
  const scanner = new WedgeScanner();
  const hear = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.altKey || event.metaKey || MODIFIERS.has(event.key)) return;
    const { key, code, shiftKey } = event;
    const heard = scanner.hear({ key, code, shiftKey, at: event.timeStamp });
    // A text field takes what is typed there, fast or not.
    const inField = event.target instanceof HTMLInputElement || event.target instanceof HTMLTextAreaElement;
    if (heard.kind === "key" || inField) return;
    event.preventDefault();
    event.stopPropagation();
    if (heard.kind === "scan") scanned(heard.readings);
  };
  document.addEventListener("keydown", hear, { capture: true });
  return () => document.removeEventListener("keydown", hear, { capture: true });
}

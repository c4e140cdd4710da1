// Strict JSON: what is signed is read without members that appear twice. Such a document means
// different things to different readers (RFC 8259 section 4), and a signature would cover both.

import { fromUtf8 } from "./bytes.ts";

/** How many arrays and objects may be within one another. */
const DEPTH_MAX = 16;

/** JSON that was refused. */
export class NotStrict extends Error {}

/** Reads one JSON value; throws `NotStrict` for anything that two readers could read differently. */
export function parseStrict(bytes: Uint8Array): unknown {
  const text = fromUtf8(bytes);
  if (text === undefined) throw new NotStrict("not UTF-8");
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new NotStrict("not JSON");
  }
  refuseTwice(text);
  return value;
}

// `JSON.parse` has seen that the text is JSON; what is left is to look at the names. A string
// followed by a colon is one, and nothing else is.
const TOKEN = /"((?:[^"\\]|\\.)*)"(\s*:)?|[{}[\]]/gs;

function refuseTwice(text: string): void {
  const open: Set<string>[] = [];
  for (const [token, body, colon] of text.matchAll(TOKEN)) {
    if (token === "{" || token === "[") {
      open.push(new Set());
      if (open.length > DEPTH_MAX) throw new NotStrict(`deeper than ${DEPTH_MAX} levels`);
    } else if (token === "}" || token === "]") {
      open.pop();
    } else if (colon !== undefined) {
      const name = JSON.parse(`"${body}"`) as string;
      const names = open.at(-1);
      if (names?.has(name)) throw new NotStrict(`the member ${name} appears twice`);
      names?.add(name);
    }
  }
}

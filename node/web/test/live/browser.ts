// The core as one browser loads it. Each import under another query is another browser, with
// a database of its own.

export { FrontEnd, parseEnrolment, parseHint } from "../../src/core/front-end.ts";
export * from "../../src/core/wallet.ts";

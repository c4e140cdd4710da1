// The reverse start: this device shows a code, a terminal starts a session with it, and the
// wallet goes on as if it had scanned that session's own code.

import { EventBody, LoginHint } from "../api.ts";
import { base64url, random } from "../bytes.ts";
import { type Happened, follow, pause } from "../events.ts";
import { post } from "../http.ts";
import { Misshapen } from "../shape.ts";
import type { Device } from "./device.ts";
import type { SessionLink, ShownCode, WalletEvent } from "./shapes.ts";

/** How long a code is good, milliseconds. */
const HINT_LIFE = 120_000;
/** An invitation that came at the last moment is still on its way. */
const GRACE = 2_000;

/** Gets a code to show a terminal. It starts one session, for this device alone. */
export async function showCode(device: Device): Promise<ShownCode> {
  const request = post("/v1/hints", undefined, { "idempotency-key": base64url(random(16)) });
  const { hint, expires } = await device.read(LoginHint, request);
  return { link: `${device.identity.cluster.walletOrigin}/h#${hint}`, expires };
}

/** Waits until a terminal has started a session with the code; none when its time is over. */
export async function invitation(device: Device, code: ShownCode, signal: AbortSignal): Promise<SessionLink | undefined> {
  const over = new AbortController();
  const stop = () => over.abort();
  signal.addEventListener("abort", stop);
  if (signal.aborted) stop();
  void pause(code.expires + GRACE - Date.now(), over.signal).then(stop);
  try {
    // A stream begins a little in the past: what came before this code is not its own.
    const shown = code.expires - HINT_LIFE;
    for await (const event of events(device, over.signal)) {
      if (event.kind === "invited" && event.device === device.identity.device && event.at >= shown) return event.link;
    }
    signal.throwIfAborted();
    return undefined;
  } finally {
    signal.removeEventListener("abort", stop);
    stop();
  }
}

/** What happens to the vault. */
export async function* events(
  device: Device, signal: AbortSignal, connected?: (is: boolean) => void,
): AsyncGenerator<WalletEvent, void, void> {
  for await (const happened of follow(device.node, device.holder, signal, connected && { connected })) yield shown(device, happened);
}

function shown(device: Device, { name, view: { at, body } }: Happened): WalletEvent {
  const found = known(body);
  switch (found?.kind) {
    case "grant": {
      const { grant, state, uses } = found.value;
      return { kind: "grant", at, grant, state, uses };
    }
    case "device": {
      const { admitted, ...told } = found.value;
      return { kind: "device", at, ...told, admitted: typeof admitted === "string" ? admitted : admitted.kind };
    }
    case "recovery_renewed":
      return { kind: "recovery_renewed", at, ...found.value };
    case "invited": {
      const { device: invited, session, thumbprint } = found.value;
      const link = { origin: device.identity.cluster.walletOrigin, session, thumbprint: base64url(thumbprint) };
      return { kind: "invited", at, device: invited, link };
    }
    default:
      return { kind: "other", at, name };
  }
}

function known(body: unknown) {
  try {
    return EventBody(body);
  } catch (error) {
    if (error instanceof Misshapen) return undefined;
    throw error;
  }
}

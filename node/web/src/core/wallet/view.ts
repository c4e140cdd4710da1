// A session from the wire to the screens, of phones and front ends.

import type { SessionView as WireView } from "../api.ts";
import type { SessionView } from "./shapes.ts";

/** A session as the screens see it. */
export function viewOf(view: WireView): SessionView {
  const { id: session, stage, end, response_mode: responseMode, expires, number, grant, invited } = view;
  return { session, stage, end, responseMode, expires, number, grant, invited: invited ?? false };
}

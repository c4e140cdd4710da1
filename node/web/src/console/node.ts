import { Node } from "../core/http.ts";

/** The node that served this page, to which the browser shows the institution's certificate. */
export const node = new Node(location.origin, "same-origin");

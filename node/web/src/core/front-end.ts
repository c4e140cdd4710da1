// A front end: a screen that shows QR codes, with a key of its own that cannot leave the
// browser. Every method that talks to the node may throw `Problem` and `Unreachable`.

import {
  type EnrolFrontEnd, EventBody, FrontEndCredential, type OpenSession, OpenedSession as WireOpened, SessionView as WireView, type TypeNumber,
} from "./api.ts";
import { base64url, random } from "./bytes.ts";
import { newSigningKey, p256Public, sign } from "./crypto/keys.ts";
import * as database from "./database.ts";
import type { Holder } from "./dpop.ts";
import { type Happened, follow } from "./events.ts";
import { type Asked, Node, get, post } from "./http.ts";
import type { Enrolment } from "./link.ts";
import { BadInput, Unreachable, Untrusted } from "./problem.ts";
import { Misshapen } from "./shape.ts";
import { viewOf } from "./wallet/view.ts";
import type { EndReason, SessionStage, SessionView } from "./wallet/shapes.ts";

export type { EndReason, SessionStage, SessionView };
export * from "./problem.ts";
export { type Enrolment, parseEnrolment, parseHint } from "./link.ts";

/** What to open: a request that was pushed for this screen, or one by its `request_uri`. */
export type Pushed = { readonly session: string } | { readonly requestUri: string };

/** An opened session. */
export interface OpenedSession {
  readonly view: SessionView;
  /** What the QR code holds: draw it with `qrCode` of `qr.ts`. */
  readonly link: string;
  /** Until when it waits to be claimed. */
  readonly expires: number;
}

/** What happened to the screen's sessions. */
export type FrontEndEvent =
  | { readonly kind: "session"; readonly at: number; readonly session: string; readonly stage: SessionStage; readonly end: EndReason | undefined }
  | { readonly kind: "other"; readonly at: number; readonly name: string };

// What is kept in the database.
interface Identity {
  readonly id: string;
  readonly name: string;
  readonly place: string;
  readonly signing: CryptoKeyPair;
  readonly token: string;
}

const RECORD = "front-end";

export class FrontEnd {
  readonly #holder: Holder;

  private constructor(
    private readonly identity: Identity,
    private readonly node: Node,
    holder: Holder,
  ) {
    this.#holder = holder;
  }

  static async #of(identity: Identity, node: Node): Promise<FrontEnd> {
    return new FrontEnd(identity, node, { ...(await holderOf(identity.signing)), token: identity.token });
  }

  /** The front end of this browser; none before it was enrolled. Needs no network. */
  static async open(): Promise<FrontEnd | undefined> {
    const identity = await database.read<Identity>("records", RECORD);
    return identity && FrontEnd.#of(identity, new Node(location.origin));
  }

  /**
   * Binds a new key to a registered front end, in place of one that this browser was: it stays
   * that where the node refuses. `BadInput`: `exists`, it is another by now. `Problem`: a code
   * that is wrong, used or too old.
   */
  static enrol({ frontEnd, code }: Enrolment, before?: FrontEnd): Promise<FrontEnd> {
    return database.exclusively("front-end", async () => {
      if ((await FrontEnd.open())?.id !== before?.id) throw new BadInput("exists");
      if (!globalThis.isSecureContext) throw new BadInput("unsupported", "this page is not in a secure context");
      const node = new Node(location.origin);
      const signing = await newSigningKey();
      const body: Sent<typeof EnrolFrontEnd> = { enrolment_code: code };
      const request = keyed(post(`/v1/front-ends/${frontEnd}/enrol`, body));
      const holder = await holderOf(signing);
      const given = await repeated(() => node.read(FrontEndCredential, request, holder));
      if (given.front_end !== frontEnd) throw new Untrusted("answer", "a credential of another front end");
      const { name, place, token } = given;
      const identity: Identity = { id: frontEnd, name, place, signing, token };
      await database.write("records", { [RECORD]: identity });
      return FrontEnd.#of(identity, node);
    });
  }

  get id(): string { return this.identity.id; }
  /** What phones show. */
  get name(): string { return this.identity.name; }
  /** Where it stands, as phones show it. */
  get place(): string { return this.identity.place; }

  /**
   * Asks the institution for a request: it may push one, which is a `session` event with stage
   * `pushed`. `Problem` `asked_too_soon` within two seconds.
   */
  async ask(): Promise<void> {
    await this.node.send(post(`/v1/front-ends/${this.id}/asks`), this.#holder);
  }

  /** Opens a session; with a hint for the phone that showed it alone (`Problem` `invalid_hint`: try again). */
  async openSession(what: Pushed, hint?: string): Promise<OpenedSession> {
    const named = "session" in what ? { session: what.session } : { request_uri: what.requestUri };
    const body: Partial<Sent<typeof OpenSession>> = { ...named, login_hint_token: hint };
    const request = keyed(post("/v1/sessions", body));
    const { session, link, expires } = await repeated(() => this.node.read(WireOpened, request, this.#holder));
    return { view: viewOf(session), link, expires };
  }

  /** Where a session is. */
  async session(session: string): Promise<SessionView> {
    return viewOf(await this.node.read(WireView, get(`/v1/sessions/${session}`), this.#holder));
  }

  /** Types the two digits that the phone shows. One try: `Problem` `wrong_number` ends the session. */
  async typeNumber(session: string, number: string): Promise<SessionView> {
    const body: Sent<typeof TypeNumber> = { number };
    const request = keyed(post(`/v1/sessions/${session}/number`, body));
    return viewOf(await repeated(() => this.node.read(WireView, request, this.#holder)));
  }

  /** Gives a session up. */
  async cancel(session: string): Promise<void> {
    await this.node.send({ method: "DELETE", path: `/v1/sessions/${session}` }, this.#holder);
  }

  /** The code as the node draws it, an SVG image: a URL for `<img>`; revoke it when done. */
  async qrImage(session: string): Promise<string> {
    const image = await this.node.bytes(get(`/v1/sessions/${session}/qr.svg`), this.#holder);
    return URL.createObjectURL(new Blob([image], { type: "image/svg+xml" }));
  }

  /**
   * What happens to the sessions of this screen; as `Wallet.events`. `connected` is told when the
   * node is heard, and when it is not any more.
   */
  async *events(signal: AbortSignal, connected?: (is: boolean) => void): AsyncGenerator<FrontEndEvent, void, void> {
    const how = connected === undefined ? {} : { connected };
    for await (const happened of follow(this.node, this.#holder, signal, how)) yield shown(happened);
  }

  /** Forgets the key, for a screen that was removed. */
  forget(): Promise<void> {
    return database.write("records", { [RECORD]: undefined });
  }
}

// A body in JSON: its members as the API names them.
type Sent<S extends { readonly members: object }> = { readonly [K in keyof S["members"]]: unknown };

const holderOf = async (signing: CryptoKeyPair): Promise<Holder> =>
  ({ signer: (message) => sign(signing.privateKey, message), jwk: await p256Public(signing) });

// The same request under the same key is done once, however often it is sent.
const keyed = (asked: Asked): Asked => ({ ...asked, headers: { ...asked.headers, "idempotency-key": base64url(random(16)) } });

async function repeated<T>(send: () => Promise<T>): Promise<T> {
  try {
    return await send();
  } catch (error) {
    if (error instanceof Unreachable) return send();
    throw error;
  }
}

function shown({ name, view: { at, body } }: Happened): FrontEndEvent {
  try {
    const found = EventBody(body);
    if (found.kind === "session") return { kind: "session", at, ...found.value };
  } catch (error) {
    if (!(error instanceof Misshapen)) throw error;
  }
  return { kind: "other", at, name };
}

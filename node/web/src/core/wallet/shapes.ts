// What the wallet gives to screens: plain data, verified and opened. Times are milliseconds
// since 1970-01-01T00:00:00Z, ids and paths are text.

/** A text in each language, by BCP 47 tag; `en` is always there. */
export type Texts = Readonly<Record<string, string>>;

export type ResponseMode = "symbolon.session" | "symbolon.scan" | "query";
export type SessionStage = "pushed" | "open" | "claimed" | "confirmed" | "ended";
export type EndReason = "approved" | "denied" | "expired" | "wrong_number" | "cancelled";
export type GrantState = "active" | "paused" | "revoked" | "expired" | "superseded";
/** Who opens what is lent: the institution alone, or the server for it (say so on the screen). */
export type Delivery = "institution" | "server";

/** The 24 words, and the same as a link for a QR code. Secret: whoever has it has the vault. */
export interface RecoverySheet {
  /** 24 words of the English BIP 39 list. */
  readonly words: readonly string[];
  /** `https://{wallet host}/recover#…`, for a QR code on the printed sheet. */
  readonly link: string;
}

/** A value to store. */
export interface NewItem {
  /** One to eight segments of `a-z0-9_` joined by full stops, such as `address.region`. */
  readonly path: string;
  /** Such as `application/json`: what institutions expect of a text or number is JSON ([`jsonItem`]). */
  readonly mediaType: string;
  readonly value: Uint8Array;
}

/** An item of the vault, without its value. */
export interface ItemSummary {
  readonly path: string;
  /** Counts the versions, from 1. */
  readonly version: number;
  /** Bytes of the sealed object. */
  readonly size: number;
  /** Whether its ciphertext is on this device, so that it opens without network. */
  readonly isHere: boolean;
}

/** An opened item. */
export interface StoredItem {
  readonly path: string;
  readonly version: number;
  readonly mediaType: string;
  /** When the item was first stored. */
  readonly created: number;
  /** When this version was made. */
  readonly modified: number;
  readonly value: Uint8Array;
}

/** A version that was stored. */
export interface PastVersion {
  readonly version: number;
  /** When this device stored or first saw it. */
  readonly at: number;
  readonly size: number;
  /** The current one. */
  readonly isCurrent: boolean;
  /** A deletion: there is nothing to open. */
  readonly isDeletion: boolean;
}

/** What a session's QR code holds. */
export interface SessionLink {
  /** The wallet page that it points to. */
  readonly origin: string;
  readonly session: string;
  /** The thumbprint of its statement, base64url of 16 bytes. */
  readonly thumbprint: string;
}

/** A session whose statement was verified: who, where, what for. */
export interface Scanned {
  readonly session: string;
  readonly link: SessionLink;
  /** The institution as the operator approved it. */
  readonly institution: { readonly id: string; readonly name: string };
  /** The screen that shows the code, as registered; none when the session is on this very device. */
  readonly frontEnd: { readonly id: string; readonly name: string; readonly place: string } | undefined;
  readonly responseMode: ResponseMode;
  readonly issued: number;
  /** When it ends, claimed or not. */
  readonly expires: number;
}

/** Where a session is. */
export interface SessionView {
  readonly session: string;
  readonly stage: SessionStage;
  readonly end: EndReason | undefined;
  readonly responseMode: ResponseMode;
  /** Until when its stage may last. */
  readonly expires: number;
  /** The two digits to show while it is `claimed`; none on the same device or a front end. */
  readonly number: string | undefined;
  readonly grant: string | undefined;
  /** Opened with a code from a phone: no other device can claim it. */
  readonly invited: boolean;
}

/** Whether an item can be left out. Of a group of alternatives exactly one is ticked. */
export type Necessity =
  | { readonly kind: "required" }
  | { readonly kind: "optional" }
  | { readonly kind: "one_of"; readonly group: string };

/** One item asked for. */
export interface AskedItem {
  readonly path: string;
  readonly necessity: Necessity;
  /** The version in the vault; none if there is nothing to lend: store it first, then ask again. */
  readonly version: number | undefined;
}

/** The words of an offer in one language: show all four. */
export interface OfferWords {
  readonly language: string;
  readonly title: string;
  readonly purpose: string;
  readonly useStatement: string;
  readonly disclaimer: string;
}

/** What is asked for, by an offer that the statement names. */
export interface Asked {
  readonly scanned: Scanned;
  /** The words in every language in which all four are there; `en` first. */
  readonly words: readonly OfferWords[];
  /** In the offer's order. */
  readonly items: readonly AskedItem[];
  /** The purpose's code, such as `dpv:IdentityVerification`. */
  readonly purposeCode: string;
  /** Most uses in a period; without `periodSeconds` in the grant's whole life. */
  readonly frequency: { readonly usesMax: number; readonly periodSeconds: number | undefined };
  /** How long the institution promises to keep what it read, at most; none: it promises nothing. */
  readonly dataLifeSeconds: number | undefined;
  readonly grantLifeSeconds: number;
  /** Whether later versions of the items are lent too. */
  readonly coversFuture: boolean;
  readonly delivery: Delivery;
  /** With delivery `server`: the regions where the plaintext may appear; empty means any. */
  readonly allowedRegions: readonly string[];
}

/** What became of an approval. */
export type Answered =
  /** The code is on its way through the institution's own channel: nothing more to do. */
  | { readonly kind: "session"; readonly grant: string }
  /** Show `code` as a QR code until `expires`: the institution's terminal scans it. */
  | { readonly kind: "scan"; readonly grant: string; readonly code: string; readonly expires: number }
  /** Navigate this page to `redirect` (`location.assign`), at once. */
  | { readonly kind: "query"; readonly grant: string; readonly redirect: string; readonly expires: number };

/** What was lent to whom. */
export interface Grant {
  readonly id: string;
  /** The name as this device was shown it; none if another device approved it. */
  readonly institution: { readonly id: string; readonly name: string | undefined };
  /** Where it was given, as this device was shown it. */
  readonly frontEnd: { readonly name: string; readonly place: string } | undefined;
  /** The offer's title and purpose as this device was shown them. */
  readonly words: OfferWords | undefined;
  readonly state: GrantState;
  readonly paths: readonly string[];
  readonly purposeCode: string;
  readonly delivery: Delivery;
  readonly coversFuture: boolean;
  readonly usesMax: number;
  readonly periodSeconds: number | undefined;
  readonly uses: number;
  readonly lastUse: number | undefined;
  readonly created: number;
  readonly expires: number;
}

/** A record of a grant, verified as a link of its chain. */
export interface GrantRecord {
  /** Its place in the chain, from 0. */
  readonly sequence: number;
  readonly at: number;
  readonly kind: "given" | "used" | "moved";
  /** What the grant became (`moved`). */
  readonly state: GrantState | undefined;
  /** What was read (`used`). */
  readonly items: readonly UsedItem[];
}

/** One item of a use: "read version 3 of address; it is version 4 now, changed since". */
export interface UsedItem {
  readonly path: string;
  /** The version read. */
  readonly version: number;
  /** The version in the vault now; none if it was deleted or is not known here. */
  readonly currentVersion: number | undefined;
  /** Whether the value has changed since. */
  readonly changedSince: boolean;
}

/** A device of the vault. */
export interface DeviceInfo {
  readonly id: string;
  readonly name: string;
  readonly revoked: boolean;
  readonly created: number;
  /** It made the vault, another device let it in, or the recovery sheet did. */
  readonly admitted: "first" | "device" | "recovery";
  /** The one in your hand. */
  readonly isThis: boolean;
}

/** A code to show a terminal (reverse start). */
export interface ShownCode {
  /** What the QR code holds: `https://{wallet host}/h#…`. */
  readonly link: string;
  /** Until when a terminal can start a session with it. */
  readonly expires: number;
}

/** What happened to the vault. */
export type WalletEvent =
  /** A grant was given, used or moved. */
  | { readonly kind: "grant"; readonly at: number; readonly grant: string; readonly state: GrantState; readonly uses: number }
  /** A device came into the vault, or was revoked: say so, whoever did it. */
  | { readonly kind: "device"; readonly at: number; readonly device: string; readonly name: string; readonly admitted: "first" | "device" | "recovery"; readonly revoked: boolean }
  /** The recovery sheet before is of no use any more. */
  | { readonly kind: "recovery_renewed"; readonly at: number; readonly device: string }
  /** A terminal has started a session with the code that this device shows. */
  | { readonly kind: "invited"; readonly at: number; readonly device: string; readonly link: SessionLink }
  /** Something that this page does not know: look at what is on the screen again. */
  | { readonly kind: "other"; readonly at: number; readonly name: string };

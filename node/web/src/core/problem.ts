// What can go wrong between a page and a node, and whose fault it is. Each class is one thing
// that a screen says in its own way; the stable codes are keys of the catalogue of texts.

/** Whose fault a refusal is. */
export type Locus = "client" | "institution" | "subject" | "rule" | "node" | "store";

/** The node answered with a problem (RFC 9457): `code` is stable, `locus` says whose fault it is. */
export class Problem extends Error {
  override readonly name = "Problem";

  constructor(
    /** Stable code, such as `session_expired`; `bad_answer` for an answer that is no problem document. */
    readonly code: string,
    /** One line in English. */
    readonly title: string,
    /** What to do about it, in English. */
    readonly detail: string,
    readonly locus: Locus,
    /** The HTTP status. */
    readonly status: number,
    /** When another try makes sense, milliseconds. */
    readonly retryAfterMs: number | undefined,
    /** Names the request in the node's logs. */
    readonly traceId: string,
  ) {
    super(`${title}. ${detail} [${code}]`);
  }
}

/** No network, or the node does not answer. What is stored here can still be seen. */
export class Unreachable extends Error {
  override readonly name = "Unreachable";
}

/** Why something was not believed. */
export type Distrust =
  /** The cluster's root is another than the one pinned when this wallet was made. */
  | "root_changed"
  /** The region's keys are not signed by the cluster's root. */
  | "keys_uncertified"
  /** The session statement is not signed by a certified key. */
  | "statement_signature"
  /** The scanned code's thumbprint is not that of the statement: the code was changed. */
  | "thumbprint"
  /** The statement is of another session or cluster, or has a field that cannot be. */
  | "statement_content"
  /** The statement's time is over. */
  | "statement_expired"
  /** The code points to another wallet page than this one. */
  | "foreign_origin"
  /** The offer is another than the statement names, or has a field that cannot be. */
  | "offer"
  /** The node shows an older manifest than this wallet has seen. */
  | "manifest_older"
  /** The node shows another manifest at an epoch that this wallet has seen. */
  | "manifest_forked"
  /** The manifest is signed by nobody, or its commit says something else. */
  | "manifest_unsigned"
  /** The items are not those whose root was signed. */
  | "manifest_items"
  /** A stored object is not the one that was sealed, or holds another item. */
  | "object"
  /** A grant's chain of records is broken: something was hidden or changed. */
  | "chain"
  /** The node's answer is not what the protocol says. */
  | "answer";

/** Something does not verify, and so nothing of it was believed. */
export class Untrusted extends Error {
  override readonly name = "Untrusted";

  constructor(readonly reason: Distrust, detail: string = reason) {
    super(`refused here: ${detail}`);
  }
}

/** Why the person was not verified. */
export type Unverified =
  /** Cancelled, or the time ran out: browsers do not tell which. */
  | "cancelled"
  /** The device has nothing that can verify a person (no screen lock, no security key). */
  | "unsupported"
  /** The page is not in a secure context, or not on the name that the credential is for. */
  | "insecure";

/** The person did not confirm on this device. Nothing was sent. */
export class NoUserVerification extends Error {
  override readonly name = "NoUserVerification";

  constructor(readonly reason: Unverified, options?: ErrorOptions) {
    super(`the person was not verified: ${reason}`, options);
  }
}

/** What was typed or scanned that cannot be. */
export type Mistake =
  /** No link of a Symbolon code. */
  | "link"
  /** No code that a terminal or a screen takes: a hint, an enrolment. */
  | "code"
  /** Not 24 words of the list, or their checksum does not fit. */
  | "words"
  /** The words are sound but of another vault. */
  | "other_sheet"
  /** No path of one to eight segments of `a-z0-9_`. */
  | "path"
  /** A media type that is none. */
  | "media_type"
  /** More than 255 items at once. */
  | "too_many"
  /** A name that is empty, too long or more than one line. */
  | "name"
  /** A ticked item is not asked for, or not in the vault. */
  | "tick"
  /** A required item, or one of a group of alternatives, is not ticked. */
  | "untick"
  /** The offer has no text in this language. */
  | "language"
  /** There is no such item, version or session here. */
  | "unknown"
  /** This browser holds a wallet, or front end, already. */
  | "exists"
  /** This browser lacks something that the page needs (no secure context, an old browser). */
  | "unsupported";

/** The caller asked for something that cannot be. */
export class BadInput extends Error {
  override readonly name = "BadInput";

  constructor(readonly reason: Mistake, detail: string = reason) {
    super(detail);
  }
}

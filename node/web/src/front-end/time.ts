// Times of a session, and what a clock that is wrong makes of them.

/** A pushed request waits 90 s to be opened; a little less here, so that the opening still arrives. */
export const PUSHED_MS = 85_000;
/** An open session waits so long for a phone. */
export const OPEN_MS = 120_000;
/** A claimed one may take so long. */
export const CLAIMED_MS = 600_000;

/**
 * When something is over by this machine's clock. A screen's clock may be off by more than a
 * session lives: then what the node says cannot be, and the whole life is counted from now.
 */
export function deadline(expires: number, life: number, now: number = Date.now()): number {
  const left = expires - now;
  return left > 0 && left <= life + 5_000 ? expires : now + life;
}

/** Whole seconds left, rounded up, never below 0. */
export function secondsLeft(until: number, now: number = Date.now()): number {
  return Math.max(0, Math.ceil((until - now) / 1_000));
}

// Which session this screen shows, so that a page that was reloaded or killed finds it again.
// A session's id is no secret: the code on the screen has it.

const KEY = "symbolon-front-end-session";

export const remembered = {
  get(): string | undefined {
    try {
      return localStorage.getItem(KEY) ?? undefined;
    } catch {
      return undefined;
    }
  },
  /** Without storage nothing is remembered, and nothing else is lost. */
  set(session: string | undefined): void {
    try {
      if (session === undefined) localStorage.removeItem(KEY);
      else localStorage.setItem(KEY, session);
    } catch {
      return;
    }
  },
};

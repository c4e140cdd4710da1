// What screens do with promises: load and show, or do and tell.
import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { lost } from "./state.ts";

export interface Loaded<T> {
  readonly value: T | undefined;
  readonly error: unknown;
  readonly isLoading: boolean;
  readonly again: () => void;
}

/** Loads when something of `on` changes; what was there is shown until then. */
export function useLoaded<T>(load: () => Promise<T>, on: readonly unknown[]): Loaded<T> {
  const [state, show] = useState<{ value: T | undefined; error: unknown; isLoading: boolean }>({ value: undefined, error: undefined, isLoading: true });
  const [turn, again] = useState(0);
  useEffect(() => {
    let isCurrent = true;
    show((before) => ({ ...before, isLoading: true }));
    load().then(
      (value) => isCurrent && show({ value, error: undefined, isLoading: false }),
      (error: unknown) => {
        if (!isCurrent) return;
        lost.notice(error);
        show((before) => ({ ...before, error, isLoading: false }));
      },
    );
    return () => {
      isCurrent = false;
    };
  }, [...on, turn]);
  return { ...state, again: useCallback(() => again((it) => it + 1), []) };
}

export interface Task {
  /** Which one is under way. */
  readonly busy: string | undefined;
  readonly error: unknown;
  /** Does one thing at a time; the second tap on a button does nothing. */
  readonly run: (name: string, work: () => Promise<void>) => void;
  readonly clear: () => void;
}

export function useTask(): Task {
  const [busy, setBusy] = useState<string>();
  const [error, setError] = useState<unknown>();
  const running = useRef(false);
  const gone = useRef(false);
  useEffect(() => {
    gone.current = false;
    return () => {
      gone.current = true;
    };
  }, []);
  const run = useCallback((name: string, work: () => Promise<void>) => {
    if (running.current) return;
    running.current = true;
    setBusy(name);
    setError(undefined);
    work()
      .catch((failure: unknown) => {
        lost.notice(failure);
        if (!gone.current) setError(failure);
      })
      .finally(() => {
        running.current = false;
        if (!gone.current) setBusy(undefined);
      });
  }, []);
  return { busy, error, run, clear: useCallback(() => setError(undefined), []) };
}

/** The time, again each second while `isRunning`. */
export function useNow(isRunning = true): number {
  const [now, set] = useState(() => Date.now());
  useEffect(() => {
    if (!isRunning) return;
    set(Date.now());
    const timer = setInterval(() => set(Date.now()), 1000);
    return () => clearInterval(timer);
  }, [isRunning]);
  return now;
}

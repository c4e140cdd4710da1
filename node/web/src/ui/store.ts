// A value that changes and tells who looks at it: all the state library that the pages need.
import { useEffect, useState } from "preact/hooks";

export interface Store<T> {
  get(): T;
  set(next: T): void;
  subscribe(listener: (value: T) => void): () => void;
}

export function store<T>(initial: T): Store<T> {
  let value = initial;
  const listeners = new Set<(value: T) => void>();
  return {
    get: () => value,
    set(next) {
      if (Object.is(next, value)) return;
      value = next;
      for (const listener of [...listeners]) listener(value);
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

export function useStore<T>(it: Store<T>): T {
  const [value, show] = useState<T>(() => it.get());
  useEffect(() => {
    // It may have changed between drawing and now.
    show(() => it.get());
    return it.subscribe((next) => show(() => next));
  }, [it]);
  return value;
}

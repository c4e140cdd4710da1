// Lists as the API gives them: page by page, each with the cursor of the next; and one thing.
import { useEffect, useState } from "preact/hooks";
import { get } from "../core/http.ts";
import { type Shape, list, optional, struct, text } from "../core/shape.ts";
import { node } from "./node.ts";

export interface Paged<T> {
  /** None before the first page has come. */
  readonly items: readonly T[] | undefined;
  readonly error: unknown;
  readonly isLoading: boolean;
  /** Loads the next page; none on the last. */
  readonly more: (() => void) | undefined;
  /** Loads the first page anew. */
  readonly reload: () => void;
  /** Puts a newer view of one into its place; a new one comes last, if the last page is shown. */
  readonly put: (one: T) => void;
}

interface State<T> {
  readonly items: readonly T[] | undefined;
  readonly cursor: string | undefined;
  readonly error: unknown;
  readonly isLoading: boolean;
}

export function usePaged<T extends { readonly id: string }>(of: Shape<T>, path: string): Paged<T> {
  const [state, set] = useState<State<T>>({ items: undefined, cursor: undefined, error: undefined, isLoading: true });
  const load = (cursor: string | undefined, before: readonly T[]) => {
    const page = struct({ items: list(of), cursor: optional(text) });
    const query = cursor === undefined ? "" : `?cursor=${encodeURIComponent(cursor)}`;
    set((now) => ({ ...now, isLoading: true, error: undefined }));
    node.read(page, get(path + query)).then(
      (found) => set({ items: [...before, ...found.items], cursor: found.cursor, error: undefined, isLoading: false }),
      (error: unknown) => set((now) => ({ ...now, error, isLoading: false })),
    );
  };
  useEffect(() => load(undefined, []), [path]);
  const { items, cursor, error, isLoading } = state;
  return {
    items, error, isLoading,
    more: cursor === undefined || isLoading ? undefined : () => load(cursor, items ?? []),
    reload: () => load(undefined, []),
    put: (one) => set((now) => {
      if (now.items === undefined) return now;
      const isKnown = now.items.some((it) => it.id === one.id);
      if (isKnown) return { ...now, items: now.items.map((it) => (it.id === one.id ? one : it)) };
      return now.cursor === undefined ? { ...now, items: [...now.items, one] } : now;
    }),
  };
}

export interface Loaded<T> {
  readonly value: T | undefined;
  readonly error: unknown;
  readonly reload: () => void;
}

export function useLoaded<T>(of: Shape<T>, path: string): Loaded<T> {
  const [state, set] = useState<{ value: T | undefined; error: unknown }>({ value: undefined, error: undefined });
  const load = () => {
    node.read(of, get(path)).then(
      (value) => set({ value, error: undefined }),
      (error: unknown) => set((now) => ({ ...now, error })),
    );
  };
  useEffect(load, [path]);
  return { ...state, reload: load };
}

// Which view is shown: the address' fragment, so that the browser's own way back works.
import { useEffect, useState } from "preact/hooks";

export const sections = ["overview", "offers", "requests", "grants", "screens", "webhook"] as const;
export type Section = (typeof sections)[number];

export interface Route {
  readonly section: Section;
  /** One of the section's things. */
  readonly id: string | undefined;
}

export const link = (section: Section, id?: string): string => (id === undefined ? `#/${section}` : `#/${section}/${id}`);

export function routeOf(fragment: string): Route {
  const [, name, id] = /^#\/([a-z]+)(?:\/([a-z0-9_]+))?$/.exec(fragment) ?? [];
  return { section: sections.find((section) => section === name) ?? "overview", id };
}

export function useRoute(): Route {
  const [fragment, move] = useState(location.hash);
  useEffect(() => {
    const moved = () => move(location.hash);
    addEventListener("hashchange", moved);
    return () => removeEventListener("hashchange", moved);
  }, []);
  return routeOf(fragment);
}

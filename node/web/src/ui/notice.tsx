// Something to know, with its weight in colour, icon and words.
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { CheckIcon, InfoIcon, WarnIcon } from "./icons.tsx";

export interface NoticeProps {
  kind?: "info" | "ok" | "warn" | "danger";
  title?: string;
  /** Read aloud when it appears, and brought into sight. */
  alert?: boolean;
  children?: ComponentChildren;
}

export function Notice({ kind = "info", title, alert = false, children }: NoticeProps) {
  const Icon = kind === "ok" ? CheckIcon : kind === "info" ? InfoIcon : WarnIcon;
  const element = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (alert) element.current?.scrollIntoView({ block: "nearest" });
  }, []);
  return (
    <div ref={element} class={`notice notice-${kind}`} role={alert ? "alert" : undefined} data-notice={kind}>
      <Icon />
      <div>
        {title && <strong>{title}</strong>}
        {children}
      </div>
    </div>
  );
}

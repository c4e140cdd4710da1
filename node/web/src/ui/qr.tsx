// A QR code as elements: markup strings are not allowed on these pages.
import { useMemo } from "preact/hooks";
import { qrCode } from "../core/qr.ts";

/** `label` says what it is and who scans it. */
export function Qr({ text, label }: { text: string; label: string }) {
  const { size, path } = useMemo(() => qrCode(text), [text]);
  return (
    <div class="qr" data-qr>
      <svg viewBox={`0 0 ${size} ${size}`} role="img" aria-label={label} shape-rendering="crispEdges">
        <path d={path} fill="currentColor" />
      </svg>
    </div>
  );
}

import type { ComponentChildren } from "preact";

function Icon({ size = 20, children }: { size?: number; children: ComponentChildren }) {
  return (
    <svg width={size} height={size} viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.75" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true" focusable="false">
      {children}
    </svg>
  );
}

export const CopyIcon = ({ isDone }: { isDone: boolean }) => (
  <Icon>{isDone ? <path d="m5 12.500 4.500 4.500L19 7.500" /> : <><rect x="9" y="9" width="11" height="11" rx="2" /><path d="M5 15H4V5a1 1 0 0 1 1-1h10v1" /></>}</Icon>
);
export const OverviewIcon = () => <Icon><rect x="4" y="4" width="7" height="7" rx="1.500" /><rect x="13" y="4" width="7" height="7" rx="1.500" /><rect x="4" y="13" width="7" height="7" rx="1.500" /><rect x="13" y="13" width="7" height="7" rx="1.500" /></Icon>;
export const OffersIcon = () => <Icon><path d="M14 3H7a1 1 0 0 0-1 1v16a1 1 0 0 0 1 1h10a1 1 0 0 0 1-1V7zM14 3v4h4M9 12h6M9 16h6" /></Icon>;
export const RequestsIcon = () => <Icon><path d="M4 12h13M12 7l5 5-5 5M20 5v14" /></Icon>;
export const GrantsIcon = () => <Icon><path d="M12 3 5 6v5c0 4.500 3 8 7 10 4-2 7-5.500 7-10V6zM9 12l2 2 4-4" /></Icon>;
export const ScreensIcon = () => <Icon><rect x="3" y="4" width="18" height="12" rx="2" /><path d="M9 20h6M12 16v4" /></Icon>;
export const WebhookIcon = () => <Icon><path d="M12 8a3 3 0 1 1 2.600 1.500L18 16M12 8 8.500 14.500M6 13.500A3 3 0 1 0 9 17.500h7" /><circle cx="18" cy="17.500" r="2.500" /></Icon>;

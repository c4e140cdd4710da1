// Drawn here, few, one stroke. Each is decoration: the words beside it say the same.
import type { ComponentChildren } from "preact";

interface IconProps {
  size?: number;
}

function Icon({ size = 24, children }: IconProps & { children: ComponentChildren }) {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      stroke-width="1.75"
      stroke-linecap="round"
      stroke-linejoin="round"
      aria-hidden="true"
      focusable="false"
    >
      {children}
    </svg>
  );
}

/** A token broken in two whose halves match. */
export function Mark({ size = 28 }: IconProps) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden="true" focusable="false" fill="currentColor">
      <path d="M14.5 2.1A14 14 0 0 0 14.5 29.9L12 23.5L16.5 18L11.5 12.5Z" />
      <path d="M18.5 2.2A14 14 0 0 1 18.5 29.8L16 23.7L20.5 18L15.5 12.5Z" opacity=".62" />
    </svg>
  );
}

export const BackIcon = (it: IconProps) => <Icon {...it}><path d="M19 12H5M11 6l-6 6 6 6" /></Icon>;
export const GoIcon = (it: IconProps) => <Icon {...it}><path d="m9 6 6 6-6 6" /></Icon>;
export const CheckIcon = (it: IconProps) => <Icon {...it}><path d="m5 12.5 4.5 4.5L19 7.5" /></Icon>;
export const CloseIcon = (it: IconProps) => <Icon {...it}><path d="M6 6l12 12M18 6 6 18" /></Icon>;
export const InfoIcon = (it: IconProps) => <Icon {...it}><circle cx="12" cy="12" r="9" /><path d="M12 11v5M12 8v.01" /></Icon>;
export const WarnIcon = (it: IconProps) => <Icon {...it}><path d="M12 4 2.8 19.5h18.4zM12 10v4M12 17v.01" /></Icon>;
export const ScanIcon = (it: IconProps) => (
  <Icon {...it}><path d="M4 8V5a1 1 0 0 1 1-1h3M16 4h3a1 1 0 0 1 1 1v3M20 16v3a1 1 0 0 1-1 1h-3M8 20H5a1 1 0 0 1-1-1v-3M4 12h16" /></Icon>
);
export const QrIcon = (it: IconProps) => (
  <Icon {...it}><rect x="4" y="4" width="6" height="6" rx="1" /><rect x="14" y="4" width="6" height="6" rx="1" /><rect x="4" y="14" width="6" height="6" rx="1" /><path d="M14 14h2v2h-2zM20 14v2M18 18h2v2M14 20h1" /></Icon>
);
export const PlusIcon = (it: IconProps) => <Icon {...it}><path d="M12 5v14M5 12h14" /></Icon>;
export const PersonIcon = (it: IconProps) => <Icon {...it}><circle cx="12" cy="8" r="4" /><path d="M4.5 20c1-4 4-5.5 7.5-5.5s6.5 1.5 7.5 5.5" /></Icon>;
export const MailIcon = (it: IconProps) => <Icon {...it}><rect x="3" y="5" width="18" height="14" rx="2" /><path d="m4 7 8 6 8-6" /></Icon>;
export const HomeIcon = (it: IconProps) => <Icon {...it}><path d="m4 11 8-7 8 7M6 9.5V20h12V9.5" /></Icon>;
export const ShieldIcon = (it: IconProps) => <Icon {...it}><path d="M12 3 5 6v5c0 4.5 3 8 7 10 4-2 7-5.5 7-10V6zM9 12l2 2 4-4" /></Icon>;
export const FileIcon = (it: IconProps) => <Icon {...it}><path d="M14 3H7a1 1 0 0 0-1 1v16a1 1 0 0 0 1 1h10a1 1 0 0 0 1-1V7zM14 3v4h4" /></Icon>;
export const LendIcon = (it: IconProps) => <Icon {...it}><path d="M4 12h13M12 7l5 5-5 5M20 5v14" /></Icon>;
export const PhoneIcon = (it: IconProps) => <Icon {...it}><rect x="7" y="3" width="10" height="18" rx="2" /><path d="M11 18h2" /></Icon>;
export const PauseIcon = (it: IconProps) => <Icon {...it}><path d="M9 6v12M15 6v12" /></Icon>;
export const PlayIcon = (it: IconProps) => <Icon {...it}><path d="M8 5.5v13l10-6.5z" /></Icon>;
export const GearIcon = (it: IconProps) => (
  <Icon {...it}><path d="M4 7h9M17 7h3M4 17h3M11 17h9" /><circle cx="15" cy="7" r="2" /><circle cx="9" cy="17" r="2" /></Icon>
);
export const LockIcon = (it: IconProps) => <Icon {...it}><rect x="5" y="11" width="14" height="9" rx="2" /><path d="M8 11V8a4 4 0 0 1 8 0v3" /></Icon>;
export const ClockIcon = (it: IconProps) => <Icon {...it}><circle cx="12" cy="12" r="9" /><path d="M12 7v5l3 2" /></Icon>;
export const PrintIcon = (it: IconProps) => <Icon {...it}><path d="M7 9V4h10v5M7 17H4v-8h16v8h-3M7 14h10v6H7z" /></Icon>;
export const TrashIcon = (it: IconProps) => <Icon {...it}><path d="M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13" /></Icon>;
export const EditIcon = (it: IconProps) => <Icon {...it}><path d="M4 20h4L19 9l-4-4L4 16zM13 7l4 4" /></Icon>;
export const OfflineIcon = (it: IconProps) => <Icon {...it}><path d="M3 3l18 18M5 12.5a10 10 0 0 1 4-2.4M19 12.5a10 10 0 0 0-4.5-2.6M8.5 16a5 5 0 0 1 7 0M12 19.5v.01" /></Icon>;
export const TagIcon = (it: IconProps) => <Icon {...it}><path d="M4 4h8l8 8-8 8-8-8zM8.5 8.5v.01" /></Icon>;
export const EyeIcon = (it: IconProps) => <Icon {...it}><path d="M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12z" /><circle cx="12" cy="12" r="2.8" /></Icon>;
export const BankIcon = (it: IconProps) => <Icon {...it}><path d="M4 10 12 4.5 20 10zM6 10v7M10 10v7M14 10v7M18 10v7M4 20h16M4.5 17h15" /></Icon>;
export const PinIcon = (it: IconProps) => <Icon {...it}><path d="M12 21s-7-6-7-11.5a7 7 0 0 1 14 0C19 15 12 21 12 21z" /><circle cx="12" cy="9.5" r="2.5" /></Icon>;
export const FingerIcon = (it: IconProps) => (
  <Icon {...it}><path d="M6 9a6.5 6.5 0 0 1 12 3.5c0 2-.2 3.8-.6 5.5M12 8.5a4 4 0 0 1 4 4c0 3-.6 5.5-1.5 8M8 12.5a4 4 0 0 1 1-2.7M8 15.5c-.1 1-.4 2-.8 3M12 12.5c0 3-.6 5.8-1.8 8.3" /></Icon>
);

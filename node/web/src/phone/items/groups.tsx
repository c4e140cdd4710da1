import type { Group } from "../../texts/items.ts";
import { FileIcon, HomeIcon, MailIcon, PersonIcon, ShieldIcon, TagIcon } from "../../ui/icons.tsx";

/** The picture of each group. */
export const groups: Readonly<Record<Group, typeof FileIcon>> = {
  you: PersonIcon,
  contact: MailIcon,
  address: HomeIcon,
  identity: ShieldIcon,
  documents: FileIcon,
  other: TagIcon,
};

// The three places of the page, within a thumb's reach.
import { phone } from "../texts/phone.ts";
import { GearIcon, LendIcon, PersonIcon } from "../ui/icons.tsx";
import { useTexts } from "../ui/language.ts";
import { replace, type Route } from "./route.ts";

type Tab = "items" | "grants" | "settings";

export function Tabs({ now }: { now: Tab }) {
  const { tabs } = useTexts(phone);
  const all: { at: Tab; text: string; Icon: typeof GearIcon }[] = [
    { at: "items", text: tabs.items, Icon: PersonIcon },
    { at: "grants", text: tabs.lent, Icon: LendIcon },
    { at: "settings", text: tabs.settings, Icon: GearIcon },
  ];
  return (
    <nav class="tabs" aria-label={tabs.label}>
      {all.map(({ at, text, Icon }) => (
        <button key={at} type="button" class="tab" data-action={`tab-${at}`} aria-current={at === now ? "page" : undefined}
          onClick={() => at !== now && replace({ at } as Route)}>
          <Icon />
          <span>{text}</span>
        </button>
      ))}
    </nav>
  );
}

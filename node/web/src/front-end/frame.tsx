// The frame of the screen's states: which screen it is, the language, the whole screen.
import type { ComponentChildren } from "preact";
import { useContext } from "preact/hooks";
import { frontEnd as texts } from "../texts/front-end.ts";
import { Button } from "../ui/button.tsx";
import { GearIcon } from "../ui/icons.tsx";
import { LanguageSwitch } from "../ui/language-switch.tsx";
import { useTexts } from "../ui/language.ts";
import { Notice } from "../ui/notice.tsx";
import { Screen, type ScreenProps } from "../ui/screen.tsx";
import { FullScreenButton } from "./full-screen.tsx";
import { Desk } from "./desk.ts";

export interface FrameProps extends Omit<ScreenProps, "end" | "class"> {
  /** How it is laid out where there is room: two columns, or one in the middle. */
  layout?: "split" | "middle";
  /** Opens the settings, where they can be opened. */
  settings?: () => void;
  /** Shown in the place of the screen's name. */
  figure?: ComponentChildren;
}

export function Frame({ layout = "middle", settings, figure, foot, children, ...rest }: FrameProps) {
  const t = useTexts(texts);
  const desk = useContext(Desk);
  // These say it themselves.
  const isTold = rest.name === "lost" || rest.name === "problem";
  const end = (
    <>
      <LanguageSwitch />
      <FullScreenButton />
      {settings && <Button kind="icon" action="settings" label={t.settings.open} onClick={settings}><GearIcon /></Button>}
    </>
  );
  return (
    <Screen
      {...rest}
      class={`kiosk kiosk-${layout}`}
      end={end}
      figure={figure ?? (desk && <Place name={desk.name} place={desk.place} />)}
      foot={desk && !desk.isConnected && !isTold ? <><Notice kind="warn" alert>{t.connection.lost}</Notice>{foot}</> : foot}
    >
      {children}
    </Screen>
  );
}

/** Where this is, in the words that phones show. */
export function Place({ name, place }: { name: string; place: string }) {
  return <p class="place"><strong>{name}</strong><span>{place}</span></p>;
}

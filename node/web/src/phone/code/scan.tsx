// A code scanned within the page leads where the phone's own camera would have led.
import { useState } from "preact/hooks";
import { readCode } from "../../core/wallet.ts";
import { phone } from "../../texts/phone.ts";
import { useTexts } from "../../ui/language.ts";
import { back } from "../route.ts";
import { openLink } from "../state.ts";
import { Camera } from "./camera.tsx";

export function Scan() {
  const { camera: texts } = useTexts(phone);
  const [why, setWhy] = useState<string>();
  return (
    <Camera note={why} onBack={() => back()} accept={(text) => {
      setWhy(undefined);
      const code = readCode(text);
      if (code.kind === "session") {
        openLink(code.link);
        return true;
      }
      setWhy(code.kind === "hint" ? texts.hint : texts.recovery);
      return false;
    }} />
  );
}

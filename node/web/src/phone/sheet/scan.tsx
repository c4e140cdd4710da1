// Scanning a recovery sheet: any other code is told to be one.
import { BadInput, readCode } from "../../core/wallet.ts";
import { Camera } from "../code/camera.tsx";

export function ScanSheet({ onBack, onSheet }: { onBack: () => void; onSheet: (link: string) => void }) {
  return (
    <Camera sheet onBack={onBack} accept={(text) => {
      if (readCode(text).kind !== "recovery") throw new BadInput("link");
      onSheet(text);
      return true;
    }} />
  );
}

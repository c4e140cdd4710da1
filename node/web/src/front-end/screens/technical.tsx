import type { Told } from "../../texts/problem.ts";
import { shared } from "../../texts/shared.ts";
import { useTexts } from "../../ui/language.ts";

/** What whoever looks after the service asks for. */
export function Technical({ told }: { told: Told }) {
  const t = useTexts(shared);
  return (
    <details>
      <summary>{t.technical}</summary>
      <p class="mono">{t.code}: {told.code}</p>
      {told.trace && <p class="mono">{t.trace}: {told.trace}</p>}
    </details>
  );
}

// What was lent, for screens that only mention it: from the node, else as it was last seen.
import type { Grant } from "../../core/wallet.ts";
import { useStore } from "../../ui/store.ts";
import { useLoaded } from "../hooks.ts";
import { changes, useWallet } from "../state.ts";

export function useGrants(): readonly Grant[] {
  const wallet = useWallet();
  const turn = useStore(changes);
  const { value } = useLoaded(async () => {
    try {
      return await wallet.grants();
    } catch {
      return (await wallet.lastGrants())?.grants ?? [];
    }
  }, [wallet, turn]);
  return value ?? [];
}

// A grant's records, read to the end and verified: each carries the leaf before it, so that a
// use which is hidden from one side shows when both compare where their chains end.
import { useEffect, useState } from "preact/hooks";
import { RecordView } from "../core/api.ts";
import { verifyChain } from "../core/wallet/chain.ts";
import { node } from "./node.ts";

export interface Records {
  /** Oldest first. */
  readonly records: readonly RecordView[];
  /** Where the chain ends. */
  readonly head: string;
}

/** Reads them while they are wanted, and anew with each change of the grant. */
export function useRecords(grant: string, isWanted: boolean, change: string): { readonly found: Records | undefined; readonly error: unknown } {
  const [state, set] = useState<{ found: Records | undefined; error: unknown }>({ found: undefined, error: undefined });
  useEffect(() => {
    if (!isWanted) return;
    node.all(RecordView, `/v1/grants/${grant}/records`)
      .then((records) => set({ found: { records, head: verifyChain(grant, records) }, error: undefined }))
      .catch((error: unknown) => set((now) => ({ ...now, error })));
  }, [grant, isWanted, change]);
  return state;
}

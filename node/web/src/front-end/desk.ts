import { createContext } from "preact";

/** Which screen this is, and whether it hears the node. */
export interface DeskState {
  readonly name: string;
  readonly place: string;
  readonly isConnected: boolean;
}

export const Desk = createContext<DeskState | undefined>(undefined);

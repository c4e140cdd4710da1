// What the phone page says of items and of what was lent.
import { catalogue } from "./catalogue.ts";
import { vault as en } from "./en/vault.ts";
import { vault as zhHans } from "./zh-Hans/vault.ts";

export const vault = catalogue(en, zhHans);

// What more than one page says.
import { catalogue } from "./catalogue.ts";
import { shared as en } from "./en/shared.ts";
import { shared as zhHans } from "./zh-Hans/shared.ts";

export const shared = catalogue(en, zhHans);

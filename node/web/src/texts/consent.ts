// What the phone page says from a scanned code to what became of it.
import { catalogue } from "./catalogue.ts";
import { consent as en } from "./en/consent.ts";
import { consent as zhHans } from "./zh-Hans/consent.ts";

export const consent = catalogue(en, zhHans);

// What the phone page says: first steps, recovery sheet, its frame and settings.
import { catalogue } from "./catalogue.ts";
import { phone as en } from "./en/phone.ts";
import { phone as zhHans } from "./zh-Hans/phone.ts";

export const phone = catalogue(en, zhHans);

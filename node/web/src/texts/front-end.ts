// What the front end's page says: a kiosk, a till, a counter's screen.
import { catalogue } from "./catalogue.ts";
import { frontEnd as en } from "./en/front-end.ts";
import { frontEnd as zhHans } from "./zh-Hans/front-end.ts";

export const frontEnd = catalogue(en, zhHans);

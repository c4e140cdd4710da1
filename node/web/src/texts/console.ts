// What the institution's console says.
import { catalogue } from "./catalogue.ts";
import { consoleTexts as en } from "./en/console.ts";
import { consoleTexts as zhHans } from "./zh-Hans/console.ts";

export const consoleTexts = catalogue(en, zhHans);

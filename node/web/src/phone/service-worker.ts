// Keeps the phone page for the time without network.
export {};
declare const SHELL: string[];
declare const VERSION: string;
console.log(SHELL, VERSION);

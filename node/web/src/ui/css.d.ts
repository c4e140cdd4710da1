// Styles are imported for their effect; esbuild puts them into the page's style sheet.
declare module "*.css";

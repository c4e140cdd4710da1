import { render } from "preact";
import "../ui/style.css";
import "./style.css";
import { App } from "./app.tsx";

// An invitation is good once: it does not stay in the address bar, nor in what is restored.
const fragment = location.hash;
if (fragment !== "") history.replaceState(null, "", location.pathname);

const root = document.getElementById("app");
if (root) render(<App fragment={fragment} />, root);

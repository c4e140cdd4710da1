import "../ui/style.css";
import "./style.css";
import { render } from "preact";
import { App } from "./app.tsx";
import { keepShell } from "./shell.ts";
import { takeLink } from "./state.ts";

takeLink();
const root = document.getElementById("app");
if (root) render(<App />, root);
keepShell();

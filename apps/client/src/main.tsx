import { render } from "preact";
import "uplot/dist/uPlot.min.css";
import "./style/tokens.css";
import "./style/base.css";
import "./style/forms.css";
import "./style/layout.css";
import "./style/connections.css";
import "./style/lists.css";
import "./style/value.css";
import "./style/pages.css";
import { Page } from "./view/page.js";

render(<Page />, document.getElementById("app")!);

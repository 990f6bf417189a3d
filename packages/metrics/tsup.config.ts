import { packageBuild } from "../../tsup.shared.js";

export default packageBuild({ index: "src/index.ts", "open-telemetry": "src/open-telemetry/index.ts" });

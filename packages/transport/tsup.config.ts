import { packageBuild } from "../../tsup.shared.js";

export default packageBuild({
  index: "src/index.ts",
  node: "src/node/index.ts",
  web: "src/web/index.ts",
  testing: "src/testing/index.ts",
});

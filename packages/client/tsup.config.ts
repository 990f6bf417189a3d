import { packageBuild } from "../../tsup.shared.js";

export default packageBuild({
  index: "src/index.ts",
  web: "src/web/index.ts",
  core: "src/core/index.ts",
  testing: "src/testing/index.ts",
});

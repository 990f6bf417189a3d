import { packageBuild } from "../../tsup.shared.js";

export default packageBuild({
  index: "src/index.ts",
  web: "src/web/index.ts",
  core: "src/core/index.ts",
  "file-session-store": "src/node/file-session-store.ts",
  "indexed-db-session-store": "src/web/indexed-db-session-store.ts",
  testing: "src/testing/index.ts",
});

import { packageBuild } from "../../tsup.shared.js";

/** CommonJS has no `import.meta.url`; the shim gives it one. */
export default packageBuild({ index: "src/index.ts", testing: "src/testing/index.ts" }, { shims: true });

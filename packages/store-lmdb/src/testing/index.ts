export { FaultInjectingDriver } from "./fault-injecting-driver.js";

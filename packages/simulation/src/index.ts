export {
  describeFailure,
  type Sabotage,
  type SimulationOptions,
  type SimulationResult,
  simulate,
} from "./simulation.js";

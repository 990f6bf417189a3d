export { matchesOracle } from "./matches-oracle.js";
export {
  relatedFilterAndName,
  type TopicArbitraryOptions,
  topicFilter,
  topicLevel,
  topicName,
} from "./topic-arbitraries.js";

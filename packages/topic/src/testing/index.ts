export { matchesOracle } from "./matches-oracle.js";
export { DOLLAR_EXAMPLES, LITERAL_EXAMPLES, MATCHING_EXAMPLES } from "./matching-examples.js";
export { type TopicArbitraries, type TopicArbitraryOptions, topicArbitraries } from "./topic-arbitraries.js";

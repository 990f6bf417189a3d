export { FilterTrie } from "./filter-trie.js";
export { isTopicFilter } from "./is-topic-filter.js";
export { isTopicName } from "./is-topic-name.js";
export { matches } from "./matches.js";
export { NameTrie } from "./name-trie.js";
export { parseSharedFilter, type SharedFilter } from "./parse-shared-filter.js";
export { topicLevelCount } from "./topic-level-count.js";
export { MAXIMUM_LEVELS_DEFAULT, type TrieOptions } from "./trie-options.js";

/**
 * One Topic Filter against one Topic Name (MQTT 5.0 and 3.1.1 section 4.7): a walk with two indices that allocates
 * nothing for an ordinary filter. For many filters at once there is `FilterTrie`, for many names `NameTrie`.
 */
import { DOLLAR_SIGN, NUMBER_SIGN, PLUS_SIGN, SOLIDUS } from "./character-code.js";
import { levelEnd } from "./level-end.js";
import { isSharedFilterForm, parseSharedFilter } from "./parse-shared-filter.js";

/**
 * True if `filter` matches `name`. Empty levels count; characters are compared as they are, without case folding or
 * normalisation; a wildcard in the first level matches no name that begins with `$`; `a/#` matches `a` as well.
 *
 * A `$share/{ShareName}/{filter}` matches what its inner filter matches (MQTT 5.0 section 4.8.2), and nothing when it is
 * malformed. Otherwise both strings are taken to be well-formed: the answer for others is unspecified, but it is always
 * true or false and never an error. Time grows with the shorter of the two strings.
 */
export function matches(filter: string, name: string): boolean {
  if (!isSharedFilterForm(filter)) return walk(filter, name);
  const shared = parseSharedFilter(filter);
  return shared !== undefined && walk(shared.topicFilter, name);
}

function walk(filter: string, name: string): boolean {
  const filterLength = filter.length;
  const nameLength = name.length;
  if (filterLength === 0 || nameLength === 0) return false;
  const first = filter.charCodeAt(0);
  if ((first === NUMBER_SIGN || first === PLUS_SIGN) && name.charCodeAt(0) === DOLLAR_SIGN) return false; // [MQTT-4.7.2-1]

  let filterIndex = 0;
  let nameIndex = 0;
  for (;;) {
    // Both indices stand at the beginning of a level.
    const wildcard = filter.charCodeAt(filterIndex);
    if (wildcard === NUMBER_SIGN) return true;
    if (wildcard === PLUS_SIGN) {
      filterIndex += 1;
      nameIndex = levelEnd(name, nameIndex);
    } else {
      // [MQTT-4.7.3-4]: code unit by code unit
      for (;;) {
        const filterEnded = filterIndex === filterLength || filter.charCodeAt(filterIndex) === SOLIDUS;
        const nameEnded = nameIndex === nameLength || name.charCodeAt(nameIndex) === SOLIDUS;
        if (filterEnded !== nameEnded) return false;
        if (filterEnded) break;
        if (filter.charCodeAt(filterIndex) !== name.charCodeAt(nameIndex)) return false;
        filterIndex += 1;
        nameIndex += 1;
      }
    }
    if (nameIndex === nameLength) {
      if (filterIndex === filterLength) return true;
      // "a/#" includes the level above it (4.7.1.2)
      return filterIndex + 2 === filterLength && filter.charCodeAt(filterIndex + 1) === NUMBER_SIGN;
    }
    if (filterIndex === filterLength) return false;
    filterIndex += 1;
    nameIndex += 1;
  }
}

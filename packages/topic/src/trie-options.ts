/** How deep the tries of this package may grow. */

/** `maximumLevels` when it is not given. */
export const MAXIMUM_LEVELS_DEFAULT = 128;

export interface TrieOptions {
  /**
   * The most levels that a stored filter or name may have; a deeper one is refused. Default 128. At the limit one entry
   * can cost as many nodes as it has levels, about 150 bytes each, so this bounds what a single subscription or retained
   * message takes. A string of the standard's 65,535 bytes can have 65,536 levels.
   */
  maximumLevels?: number;
}

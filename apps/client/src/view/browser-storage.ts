import type { KeyValueStorage } from "../model/profile-store.js";

/** The browser's local storage, asked for each time: where it is switched off, the asking throws already. */
export const browserStorage: KeyValueStorage = {
  getItem: (key) => localStorage.getItem(key),
  setItem: (key, value) => localStorage.setItem(key, value),
  removeItem: (key) => localStorage.removeItem(key),
};

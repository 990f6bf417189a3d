import { expect, test } from "vitest";
import { createProfile } from "./connection-profile.js";
import { type KeyValueStorage, loadProfiles, saveProfiles } from "./profile-store.js";
import { createSubscription } from "./subscription-profile.js";

const URL = "ws://127.0.0.1:8083/mqtt";

function storage(content?: string): KeyValueStorage & { content: string | null } {
  return {
    content: content ?? null,
    getItem() {
      return this.content;
    },
    setItem(_key, value) {
      this.content = value;
    },
  };
}

test("the first visit has one connection to the server of the page, with everything subscribed", () => {
  const { profiles, currentId } = loadProfiles(storage(), URL);
  expect(profiles).toHaveLength(1);
  expect(profiles[0]).toMatchObject({ id: currentId, url: URL, subscriptions: [{ filter: "#" }] });
});

test("what was saved comes back, passwords only when their owner wants it", () => {
  const place = storage();
  const open = { ...createProfile("1", URL), password: "one", subscriptions: [createSubscription("a/#", 3)] };
  const kept = { ...createProfile("2", URL), password: "two", savePassword: true, receiveMaximum: 7 };
  expect(saveProfiles(place, { profiles: [open, kept], currentId: "2" })).toBe(true);
  expect(place.content).not.toContain("one");
  expect(loadProfiles(place, URL)).toEqual({ profiles: [{ ...open, password: "" }, kept], currentId: "2" });
});

test.each(["nonsense", "null", "[]", '{"profiles":5}', '{"profiles":[null,{"id":1}]}'])(
  "%s is as nothing",
  (content) => {
    expect(loadProfiles(storage(content), URL).profiles).toHaveLength(1);
  },
);

test("fields of another version or type get their defaults", () => {
  const saved = {
    profiles: [
      {
        id: "1",
        url: URL,
        keepAlive: "soon",
        foreign: 1,
        will: { qos: 1, topic: 5 },
        subscriptions: [{ filter: "a", qos: 2 }, {}],
      },
    ],
  };
  const [profile] = loadProfiles(storage(JSON.stringify(saved)), URL).profiles;
  expect(profile).toEqual({
    ...createProfile("1", URL),
    will: { ...createProfile("1", URL).will, qos: 1 },
    subscriptions: [{ ...createSubscription("a", 0), qos: 2 }],
  });
});

test("a browser without storage loses nothing but the saving", () => {
  const broken: KeyValueStorage = {
    getItem: () => {
      throw new Error("no");
    },
    setItem: () => {
      throw new Error("no");
    },
  };
  expect(loadProfiles(broken, URL).profiles).toHaveLength(1);
  expect(saveProfiles(broken, { profiles: [], currentId: "" })).toBe(false);
});

/** Users in memory, and whoever keeps them. */
import { beforeAll, expect, test } from "vitest";
import { hashPassword } from "./hash-password.js";
import { makeScramKeys } from "./scram-keys.js";
import { MemoryUserStore, type StoredUser } from "./user-store.js";

let anna: StoredUser;

beforeAll(async () => {
  const password = await hashPassword("x", { memoryKiB: 64, iterations: 1 });
  anna = { userName: "anna", password, scramKeys: await makeScramKeys("x", 4096), groups: ["staff"] };
});

test("keeps users as plain data, in the order of their names", () => {
  const rows = new Map<string, string>();
  const onChange = (userName: string, user: StoredUser | undefined): void => {
    if (user === undefined) rows.delete(userName);
    else rows.set(userName, JSON.stringify(user));
  };
  const store = new MemoryUserStore([], { onChange });
  store.put({ userName: "carl" });
  store.put(anna);
  store.put({ userName: "bert", isDisabled: true });
  expect([...store.list()].map(({ userName }) => userName)).toEqual(["anna", "bert", "carl"]);
  expect([store.delete("carl"), store.delete("carl")]).toEqual([true, false]);
  const again = new MemoryUserStore([...rows.values()].map((row) => JSON.parse(row) as StoredUser));
  expect([...again.list()]).toEqual([anna, { userName: "bert", isDisabled: true }]);
  expect(again.find("anna")).toEqual(anna);
  expect(again.size).toBe(2);
});

test("refuses what could not be used, and more users than it may hold", () => {
  const store = new MemoryUserStore([], { usersMax: 1 });
  expect(() => store.put({ userName: "a", password: "plain" })).toThrow(
    expect.objectContaining({ code: "TIDINGS_PASSWORD_HASH" }),
  );
  expect(() => store.put({ userName: "a", scramKeys: "plain" })).toThrow(
    expect.objectContaining({ code: "TIDINGS_PASSWORD_HASH" }),
  );
  expect(() => store.put({ userName: "" })).toThrow(expect.objectContaining({ code: "TIDINGS_AUTH_OPTION" }));
  store.put(anna);
  store.put({ ...anna, groups: [] });
  expect(() => store.put({ userName: "bert" })).toThrow(expect.objectContaining({ code: "TIDINGS_AUTH_OPTION" }));
});

test("changes nothing when it cannot be kept", () => {
  const onChange = (): never => {
    throw new Error("the disk is full");
  };
  const store = new MemoryUserStore([anna], { onChange });
  expect(() => store.put({ userName: "bert" })).toThrow("the disk is full");
  expect(() => store.delete("anna")).toThrow("the disk is full");
  expect([...store.list()]).toEqual([anna]);
});

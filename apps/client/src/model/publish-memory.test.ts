import { beforeEach, expect, test } from "vitest";
import { DEFAULT_PUBLISH_FIELDS, type PublishFields } from "./publish-fields.js";
import { PublishMemory } from "./publish-memory.js";

const fields = (changed: Partial<PublishFields>): PublishFields => ({ ...DEFAULT_PUBLISH_FIELDS, ...changed });

let items: Map<string, string>;
let memory: PublishMemory;

beforeEach(() => {
  items = new Map();
  memory = new PublishMemory({
    getItem: (key) => items.get(key) ?? null,
    setItem: (key, value) => void items.set(key, value),
    removeItem: (key) => void items.delete(key),
  });
});

test("a draft comes back as it was, for its connection alone", () => {
  const draft = fields({ topic: "a", payload: "x", qos: 2, retain: true, messageExpiryInterval: 5 });
  memory.saveDraft("one", draft);
  expect(memory.recall("one").draft).toEqual(draft);
  expect(memory.recall("two")).toEqual({ draft: DEFAULT_PUBLISH_FIELDS, published: [] });
  memory.forget("one");
  expect(memory.recall("one").draft).toEqual(DEFAULT_PUBLISH_FIELDS);
});

test("published messages: newest first, each once, ten at most", () => {
  for (let index = 0; index < 12; index += 1) memory.addPublished("one", fields({ topic: `t${index}` }));
  memory.addPublished("one", fields({ topic: "t5" }));
  const { published, draft } = memory.recall("one");
  expect(published.map(({ topic }) => topic)).toEqual(["t5", "t11", "t10", "t9", "t8", "t7", "t6", "t4", "t3", "t2"]);
  expect(draft).toEqual(DEFAULT_PUBLISH_FIELDS);
});

test("long payloads are not kept", () => {
  const long = fields({ topic: "a", payload: "x".repeat(4_097) });
  memory.addPublished("one", long);
  memory.saveDraft("one", long);
  expect(memory.recall("one")).toEqual({ draft: fields({ topic: "a" }), published: [] });
});

test.each(["null", "[1]", "{", '{"draft":7,"published":[1,null,{"topic":5}]}'])(
  "%s in storage does no harm",
  (text) => {
    items.set("tidings.publish.1.one", text);
    const { draft, published } = memory.recall("one");
    expect(draft).toEqual(DEFAULT_PUBLISH_FIELDS);
    expect(published.every(({ topic }) => topic === "")).toBe(true);
  },
);

test("storage that refuses is no error", () => {
  const refuse = () => {
    throw new Error("no storage");
  };
  const refused = new PublishMemory({ getItem: refuse, setItem: refuse, removeItem: refuse });
  refused.saveDraft("one", fields({ topic: "a" }));
  refused.forget("one");
  expect(refused.recall("one").draft).toEqual(DEFAULT_PUBLISH_FIELDS);
});

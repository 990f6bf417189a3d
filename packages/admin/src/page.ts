/** A long list, some at a time: each page names where the next one begins. */
import { type TSchema, Type } from "@sinclair/typebox";
import { firstInOrder } from "@tidings/broker";
import { Problem } from "./problem.js";

const LIMIT_MAX = 1000;

export const pageQuery = {
  limit: Type.Integer({ minimum: 1, maximum: LIMIT_MAX, default: 100, description: "Entries of one page." }),
  cursor: Type.Optional(Type.String({ maxLength: 100_000, description: "`next` of the page before." })),
};

export function pageOf<T extends TSchema>(item: T, description: string) {
  return Type.Object(
    {
      items: Type.Array(item),
      next: Type.Optional(Type.String({ description: "For `cursor`, to get what follows. Absent: there is no more." })),
    },
    { description },
  );
}

export interface PageRequest {
  readonly limit: number;
  readonly cursor?: string;
}

/** In the order of the keys, so that what comes and goes meanwhile neither doubles nor hides another. */
export function selectPage<T>(items: Iterable<T>, keyOf: (item: T) => string, request: PageRequest) {
  return cutPage(firstInOrder(items, keyOf, request.limit + 1, afterOf(request)), keyOf, request);
}

/** `items` are one more than asked for, if there are more. */
export function cutPage<T>(items: readonly T[], keyOf: (item: T) => string, { limit }: PageRequest) {
  const kept = items.slice(0, limit);
  const last = kept.at(-1);
  return items.length > limit && last !== undefined
    ? { items: kept, next: Buffer.from(keyOf(last)).toString("base64url") }
    : { items: kept };
}

export function afterOf({ cursor }: PageRequest): string | undefined {
  if (cursor === undefined) return undefined;
  if (!/^[\w-]+$/.test(cursor)) throw new Problem(400, "cursor is not one that a page has named as `next`.");
  return Buffer.from(cursor, "base64url").toString("utf8");
}

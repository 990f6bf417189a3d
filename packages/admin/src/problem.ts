/** A request that cannot be served, as its sender reads it. */
import { Type } from "@sinclair/typebox";

export class Problem extends Error {
  constructor(
    readonly statusCode: number,
    message: string,
  ) {
    super(message);
    this.name = "Problem";
  }
}

export function notFound(what: string): Problem {
  return new Problem(404, `There is no ${what}.`);
}

/** What this broker was set up without. */
export function available<T>(part: T | undefined, what: string): T {
  if (part === undefined) throw new Problem(501, `This broker was started without ${what}.`);
  return part;
}

export const problemSchema = Type.Object(
  {
    statusCode: Type.Integer(),
    error: Type.String({ description: "Name of the status code." }),
    message: Type.String({ description: "What is wrong, and what to do." }),
  },
  { description: "The request was not served." },
);

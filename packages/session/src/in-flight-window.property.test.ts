import fc from "fast-check";
import { expect, test } from "vitest";
import { Awaiting, InFlightWindow } from "./in-flight-window.js";

/** `expect` costs too much to be asked a million times. */
function same(actual: unknown, expected: unknown): void {
  if (!Object.is(actual, expected)) expect(actual).toBe(expected);
}

/** Runs commands on a window and on a Map from identifier to state and item, whose order of insertion is that of sending. */
function run(first: number, commands: readonly (readonly [number, number])[]): void {
  const window = new InFlightWindow<number>();
  const model = new Map<number, { awaiting: Awaiting; item: number | undefined }>();
  // Where identifiers begin, so that wrapping around is common.
  window.restore(first, -1, Awaiting.Puback);
  model.set(first, { awaiting: Awaiting.Puback, item: -1 });
  let item = 0;
  for (const [kind, argument] of commands) {
    const used = [...model.keys()];
    const chosen = used[argument % Math.max(1, used.length)];
    if (kind < 4) {
      const awaiting = kind % 2 === 0 ? Awaiting.Puback : Awaiting.Pubrec;
      const identifier = window.allocate(++item, awaiting);
      same(identifier >= 1 && identifier <= 65_535 && !model.has(identifier), true);
      model.set(identifier, { awaiting, item });
    } else if (kind === 4) {
      // Near others as well as anywhere.
      const identifier = 1 + (argument % 2 === 0 ? argument : argument & 63);
      same(window.restore(identifier, ++item, Awaiting.Pubrec), !model.has(identifier));
      if (!model.has(identifier)) model.set(identifier, { awaiting: Awaiting.Pubrec, item });
    } else if (chosen !== undefined) {
      const known = model.get(chosen);
      if (kind === 5 && known?.awaiting === Awaiting.Pubrec) {
        window.received(chosen, undefined);
        model.set(chosen, { awaiting: Awaiting.Pubcomp, item: undefined });
      } else {
        window.release(chosen);
        model.delete(chosen);
      }
    }
    same(window.size, model.size);
    const any = 1 + (argument % 65_535);
    same(window.stateOf(any), model.get(any)?.awaiting ?? Awaiting.Free);
  }
  expect(window.inOrder()).toEqual([...model.keys()]);
  for (const [identifier, { awaiting, item }] of model) {
    expect(window.stateOf(identifier)).toBe(awaiting);
    expect(window.itemOf(identifier)).toBe(item);
  }
}

const first = fc.oneof(fc.integer({ min: 1, max: 65_535 }), fc.integer({ min: 65_500, max: 65_535 }));

test("[MQTT-2.2.1-3] [MQTT-2.2.1-4] [3.1.1 MQTT-2.3.1-2] [3.1.1 MQTT-2.3.1-4] a window behaves like a Map of identifiers", () => {
  const command = fc.tuple(fc.nat(6), fc.nat(65_534));
  fc.assert(
    fc.property(first, fc.array(command, { maxLength: 300 }), (identifier, commands) => run(identifier, commands)),
    { numRuns: 200 },
  );
});

test("a window that is mostly filled behaves like a Map of identifiers", () => {
  // Three in four allocate, so that the ring grows several times.
  const command = fc.tuple(fc.constantFrom(0, 1, 2, 3, 0, 1, 2, 3, 4, 5, 6), fc.nat(65_534));
  fc.assert(
    fc.property(first, fc.array(command, { minLength: 300, maxLength: 1500 }), (identifier, commands) =>
      run(identifier, commands),
    ),
    { numRuns: 20 },
  );
});

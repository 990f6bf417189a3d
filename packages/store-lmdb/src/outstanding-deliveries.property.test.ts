/** Whatever is added, sent, released and removed: the ring and its stragglers say what a map says, and so does the row. */
import fastCheck from "fast-check";
import { expect, test } from "vitest";
import { decodeCursorRow, encodeCursorRow, stateInCursor } from "./cursor-row.js";
import { OutstandingDeliveries, RELEASED } from "./outstanding-deliveries.js";

const steps = fastCheck.array(
  fastCheck.record({
    step: fastCheck.constantFrom(
      "add",
      "add",
      "add",
      "skip",
      "send",
      "release",
      "remove",
      "removeFirst",
      "removeFirst",
    ),
    value: fastCheck.nat(1000),
    times: fastCheck.integer({ min: 1, max: 40 }),
  }),
  { maxLength: 60, size: "max" },
);

test("outstanding deliveries are those of a map", () => {
  fastCheck.assert(
    fastCheck.property(steps, (chosen) => {
      const deliveries = new OutstandingDeliveries();
      const model = new Map<number, { record: number; state: number }>();
      let next = 1;
      let record = 1;
      for (const { step, value, times } of chosen) {
        for (let i = 0; i < times; i++) {
          const numbers = [...model.keys()];
          const number = step === "removeFirst" ? numbers[numbers.length > 5 ? 3 : 0] : numbers[value % numbers.length];
          const known = model.get(number);
          if (step === "add") {
            model.set(next, { record, state: 0 });
            deliveries.add(next++, record++);
          } else if (step === "skip" && i === 0) {
            next += value % 5;
            deliveries.skipTo(next);
          } else if (known !== undefined && (step === "send" || step === "release")) {
            known.state = step === "send" ? 1 + ((number * 7) % 65_535) : known.state | RELEASED;
            deliveries.setState(number, known.state);
          } else if (known !== undefined && step.startsWith("remove")) {
            model.delete(number);
            deliveries.remove(number);
          }
        }
      }
      expect([deliveries.size, deliveries.next]).toEqual([model.size, next]);
      expect([...deliveries.allRecords()]).toEqual([...model.values()].map((known) => known.record));
      const row = decodeCursorRow(encodeCursorRow({ next, runs: deliveries.runs(), inbound: [7, 65_535] }));
      expect([row.next, [...row.inbound]]).toEqual([next, [7, 65_535]]);
      for (let number = 1; number < next; number++) {
        const known = model.get(number);
        expect(deliveries.recordOf(number)).toBe(known?.record ?? 0);
        expect(stateInCursor(row, number)).toBe(known?.state);
        if (known !== undefined) expect(deliveries.stateOf(number)).toBe(known.state);
      }
      expect([stateInCursor(row, next), deliveries.sizeBelow(next)]).toEqual([0, model.size]);
    }),
    { numRuns: 300 },
  );
});

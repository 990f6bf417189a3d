import { expect, test } from "vitest";
import { strftime } from "./strftime.js";

/** Local times, so that the time zone of the machine does not matter. */
const morning = new Date(2026, 0, 4, 7, 5, 9);
const evening = new Date(2024, 11, 31, 23, 59, 58);

test.each([
  ["%a %A %b %B %h", "Sun Sunday Jan January Jan", "Tue Tuesday Dec December Dec"],
  ["%Y-%m-%d %F %D %C %y", "2026-01-04 2026-01-04 01/04/26 20 26", "2024-12-31 2024-12-31 12/31/24 20 24"],
  ["%e|%k|%l|%I|%H", " 4| 7| 7|07|07", "31|23|11|11|23"],
  ["%T %R %r %p %P %X", "07:05:09 07:05 07:05:09 AM AM am 07:05:09", "23:59:58 23:59 11:59:58 PM PM pm 23:59:58"],
  ["%j %U %W %V %G %g %u %w", "004 01 00 01 2026 26 7 0", "366 52 53 01 2025 25 2 2"],
  ["%c %x", "Sun Jan  4 07:05:09 2026 01/04/26", "Tue Dec 31 23:59:58 2024 12/31/24"],
  ["%n%t%% %i %E", "\n\t% %i %E", "\n\t% %i %E"],
])("%j", (format, early, late) => {
  expect(strftime(format, morning)).toBe(early);
  expect(strftime(format, evening)).toBe(late);
});

test("seconds since 1970 and the zone", () => {
  expect(strftime("%s", new Date(1_795_241_871_999))).toBe("1795241871");
  expect(strftime("%z", morning)).toMatch(/^[+-]\d{4}$/);
  expect(strftime("%Z", morning)).not.toBe("");
});

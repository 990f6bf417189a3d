/** Fails when the page is larger than promised: everything that a browser loads, compressed. */
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const GZIPPED_BYTES_MAX = 150 * 1_000;

const dist = fileURLToPath(new URL("dist", import.meta.url));
const files = readdirSync(dist, { recursive: true }).filter((name) => name.endsWith(".gz"));
const sizes = files.map((name) => [name, statSync(join(dist, name)).size]);
const total = sizes.reduce((sum, [, bytes]) => sum + bytes, 0);
for (const [name, bytes] of sizes) console.log(`${String(bytes).padStart(8)}  ${name}`);
console.log(`${String(total).padStart(8)}  together, of ${GZIPPED_BYTES_MAX} allowed`);
if (files.length === 0 || total > GZIPPED_BYTES_MAX) process.exitCode = 1;

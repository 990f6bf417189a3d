/**
 * `pnpm bench:micro`: the codec beside mqtt-packet and the matcher beside qlobber, in one process, without a network.
 */
import { Command, Option } from "commander";
import { comparePackets, packetCases } from "./packet.js";
import { profile } from "./profile.js";
import { compareTopics, topicCases } from "./topic.js";

const { only, profile: wanted } = new Command("bench:micro")
  .addOption(new Option("--only <what>", "only one of the two").choices(["packet", "topic"]))
  .option("--profile <case>", "write a CPU profile of our half of the one case whose name contains this text")
  .parse()
  .opts<{ only?: "packet" | "topic"; profile?: string }>();

if (wanted === undefined) {
  if (only !== "topic") comparePackets();
  if (only !== "packet") compareTopics();
} else {
  const cases = [...packetCases(), ...topicCases()];
  const found = cases.find(([name]) => name.includes(wanted));
  if (found === undefined) {
    console.error(`No case contains "${wanted}". There are:\n  ${cases.map(([name]) => name).join("\n  ")}`);
    process.exitCode = 1;
  } else {
    console.log(await profile(...found));
  }
}

/** `--help` and `--version` of mosquitto's mode; made from the table of flags. */
import packageJson from "../../package.json" with { type: "json" };
import type { MosquittoTool } from "./mosquitto-command.js";
import { MOSQUITTO_FLAGS } from "./mosquitto-flags.js";

const PURPOSES: Record<MosquittoTool, string> = {
  mosquitto_pub: "publishes a message",
  mosquitto_sub: "subscribes to topics and prints the messages that come",
  mosquitto_rr: "publishes a request and prints the response",
};

const EXAMPLES: Record<MosquittoTool, string> = {
  mosquitto_pub: "mosquitto_pub -h localhost -t hello/world -m 'good news'",
  mosquitto_sub: "mosquitto_sub -h localhost -t 'hello/#' -v",
  mosquitto_rr: "mosquitto_rr -h localhost -t ask -e answer -m question",
};

export function mosquittoHelp(tool: MosquittoTool): string {
  const letter = tool["mosquitto_".length];
  const flags = MOSQUITTO_FLAGS.filter(({ tools }) => tools.includes(letter)).map(({ names, wants }) => {
    const value =
      wants === undefined ? "" : ` <${/(?:no (.*)|but (\S+) not) specified/.exec(wants)?.slice(1).find(Boolean)}>`;
    return `  ${names.join(", ")}${value}`;
  });
  const lines = [
    `${tool} ${PURPOSES[tool]}.`,
    `It is tidings ${packageJson.version} with mosquitto's command line.`,
    "",
    `Example: ${EXAMPLES[tool]}`,
    "",
    ...flags,
    "  -D, --property <packet> <property> <value> [<value>]",
    "  --help, --version",
    "",
  ];
  return `${lines.join("\n")}\n`;
}

export function mosquittoVersion(tool: MosquittoTool): string {
  return `${tool} of tidings ${packageJson.version}.\n`;
}

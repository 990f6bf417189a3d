/** `tidings broker`: the broker app, with its own options. */
import { Command } from "commander";

export function brokerCommand(): Command {
  return new Command("broker")
    .description("run the Tidings broker; its options follow, see tidings broker --help")
    .helpOption(false)
    .allowUnknownOption()
    .allowExcessArguments()
    .argument("[options...]")
    .action(async (words: string[]) => {
      // The app reads the command line and handles signals itself.
      process.argv.splice(1, process.argv.length - 1, "tidings broker", ...words);
      await import("@tidings/broker-app/main");
    });
}

/** `tidings broker` and `tidings store`: the broker app, with its own options. */
import { Command } from "commander";

export function brokerCommand(): Command {
  return appCommand("broker", "run the Tidings broker; its options follow, see tidings broker --help", []);
}

export function storeCommand(): Command {
  return appCommand("store", "look into the state that a broker has kept, running or not", ["store"]);
}

/** The app is told `first`, then what follows. */
function appCommand(name: string, description: string, first: readonly string[]): Command {
  return new Command(name)
    .description(description)
    .helpOption(false)
    .allowUnknownOption()
    .allowExcessArguments()
    .argument("[options...]")
    .action(async (words: string[]) => {
      // The app reads the command line and handles signals itself.
      process.argv.splice(1, process.argv.length - 1, `tidings ${name}`, ...first, ...words);
      await import("@tidings/broker-app/main");
    });
}

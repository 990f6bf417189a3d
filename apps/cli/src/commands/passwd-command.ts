/** `tidings passwd`. */
import { Command, InvalidArgumentError, Option } from "commander";
import { readSecret } from "../connection/read-secret.js";
import { usage } from "../failure.js";
import { askPassword } from "../passwd/ask-password.js";
import { editPasswordFile, type PasswdRequest } from "../passwd/edit-password-file.js";
import {
  ARGON2_ITERATIONS_DEFAULT,
  HASH_KINDS,
  type HashKind,
  PBKDF2_ITERATIONS_DEFAULT,
} from "../passwd/password-hash.js";
import type { Terminal } from "../terminal.js";
import type { RunCommand } from "./command-context.js";
import { addExamples } from "./examples.js";
import { parseCount } from "./parse-number.js";

/** What PBKDF2 takes; nobody waits for that. */
const ITERATIONS_MAX = 2_147_483_647;

interface PasswdOptions {
  create?: boolean;
  delete?: boolean;
  update?: boolean;
  verify?: boolean;
  batch?: boolean;
  hash?: HashKind;
  iterations?: number;
  passwordFile?: string;
}

export function passwdCommand(run: RunCommand): Command {
  const command = new Command("passwd")
    .description("make and edit a password file, for tidings or mosquitto")
    .argument("<file>", "the password file; - prints instead")
    .argument("[user]", "user name")
    .argument("[password]", "with -b")
    .addOption(new Option("-c, --create", "make a new file, replacing an old one"))
    .addOption(new Option("-D, --delete", "delete the user").conflicts(["update", "verify", "create"]))
    .addOption(
      new Option("-U, --update", "hash the passwords of a file that has them in plain text").conflicts("verify"),
    )
    .addOption(new Option("--verify", "is this the password? exit code 0 or 1"))
    .addOption(new Option("-b, --batch", "take the password from the command line, where others can see it"))
    .addOption(
      new Option(
        "-H, --hash <kind>",
        "how passwords are hashed; mosquitto before 2.1 needs sha512-pbkdf2 (default: what the file has, or argon2id)",
      ).choices(HASH_KINDS),
    )
    .addOption(
      new Option(
        "-I, --iterations <n>",
        `what a guess costs (default: ${ARGON2_ITERATIONS_DEFAULT} for argon2id, ${PBKDF2_ITERATIONS_DEFAULT} for sha512-pbkdf2)`,
      ).argParser(parseIterations),
    )
    .addOption(new Option("--password-file <path>", "file with the password"));
  command.addHelpText(
    "after",
    "\nThe password comes from --password-file, TIDINGS_PASSWORD, the terminal (not shown, twice) or a line of stdin.",
  );
  addExamples(command, [
    ["tidings passwd -c passwords anna", "a new file with a user"],
    ["tidings passwd -H sha512-pbkdf2 mosquitto.passwords anna", "for the password_file of mosquitto before 2.1"],
    ["tidings passwd -D passwords anna", "delete a user"],
    ["tidings passwd --verify passwords anna", "is it right?"],
  ]);
  return command.action(
    (file: string, user: string | undefined, password: string | undefined, options: PasswdOptions) =>
      run({}, ({ terminal }) => editPasswordFile(passwdRequest(file, user, password, options, terminal), terminal)),
  );
}

function passwdRequest(
  path: string,
  user: string | undefined,
  password: string | undefined,
  options: PasswdOptions,
  terminal: Terminal,
): PasswdRequest {
  const common = { path, isNew: options.create === true, hashKind: options.hash, iterations: options.iterations };
  if (options.update) {
    if (user !== undefined) throw usage("-U is for the whole file: leave the user out.");
    return { ...common, action: { kind: "hash-plain" } };
  }
  if (user === undefined) throw usage("Whose password? Name a user behind the file.");
  if (options.delete) return { ...common, action: { kind: "delete", user } };
  if (options.batch !== (password === undefined ? undefined : true)) {
    throw usage(options.batch ? "-b needs the password behind the user." : "A password on the command line needs -b.");
  }
  const sources = {
    given: password,
    file: options.passwordFile,
    flag: "--password-file",
    variable: "TIDINGS_PASSWORD",
  };
  const ask = async (): Promise<string> => readSecret(sources) ?? askPassword(user, terminal, options.verify ? 1 : 2);
  return { ...common, action: { kind: options.verify ? "verify" : "set", user, password: ask } };
}

function parseIterations(text: string): number {
  const count = parseCount(text);
  if (count > ITERATIONS_MAX) throw new InvalidArgumentError(`Use a whole number from 1 to ${ITERATIONS_MAX}.`);
  return count;
}

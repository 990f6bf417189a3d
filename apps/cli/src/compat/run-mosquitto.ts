/** Runs a command line of mosquitto's and ends as their tools do. */

import { silentTrace } from "../commands/command-trace.js";
import { publish } from "../commands/publish.js";
import type { MessageSource } from "../commands/publish-request.js";
import { requestResponse } from "../commands/request-response.js";
import { subscribe } from "../commands/subscribe.js";
import { isClientError } from "../connection/client-failure.js";
import type { ReceivedMessage } from "../output/received-message.js";
import type { Terminal } from "../terminal.js";
import type { MosquittoCommand, MosquittoOutput, MosquittoTool } from "./mosquitto-command.js";
import { EmptyInputFailure, mosquittoFailure, mosquittoReason } from "./mosquitto-failure.js";
import { mosquittoHelp, mosquittoVersion } from "./mosquitto-help.js";
import { mosquittoMessageWriter } from "./mosquitto-message-writer.js";
import { mosquittoTrace } from "./mosquitto-trace.js";
import { MosquittoUsageError } from "./mosquitto-usage-error.js";
import { readOptionsFile } from "./options-file.js";
import { parseMosquittoArguments } from "./parse-mosquitto-arguments.js";

/** Resolves with the exit code. */
export async function runMosquitto(tool: MosquittoTool, words: readonly string[], terminal: Terminal): Promise<number> {
  terminal.stopOnSignals(0);
  let command: MosquittoCommand;
  try {
    const parsed = parseMosquittoArguments(tool, words, readOptionsFile(tool));
    if (parsed === "help" || parsed === "version") {
      terminal.print(parsed === "help" ? mosquittoHelp(tool) : mosquittoVersion(tool));
      return 1;
    }
    command = parsed;
  } catch (error) {
    if (!(error instanceof MosquittoUsageError)) throw error;
    process.stderr.write(error.text(tool));
    if (error.options.help) terminal.print(mosquittoHelp(tool));
    return 1;
  }
  const complain = (line: string): void => {
    if (!command.quiet) terminal.complain(line);
  };
  try {
    await run(command, terminal, complain);
    return terminal.exitCode;
  } catch (error) {
    const failure = mosquittoFailure(error, tool);
    if (failure === undefined) throw error;
    for (const line of failure.lines) complain(line);
    return failure.exitCode;
  }
}

function run(command: MosquittoCommand, terminal: Terminal, complain: (line: string) => void): Promise<void> {
  const { tool, debug } = command;
  const connection = tool === "mosquitto_rr" ? command.connection : command.request.connection;
  const { clientIdentifier, protocolVersion = 4 } = connection;
  const trace = debug
    ? mosquittoTrace(tool, clientIdentifier, protocolVersion, (line) => terminal.print(`${line}\n`))
    : silentTrace;
  const onTimeout = (): void => complain("Timed out");
  switch (command.tool) {
    case "mosquitto_pub":
      return publish(command.request, terminal, {
        trace,
        onRefused: warnOfRefusal(complain),
        encode: refuseEmptyInput(command.request.source),
      });
    case "mosquitto_sub":
      // A filter that was refused shows in `-d` alone.
      return subscribe(command.request, terminal, {
        ...{ trace, onTimeout, onRefused: tellWhenAllIsRefused(complain) },
        show: messageShower(command.output, terminal, complain),
      });
    case "mosquitto_rr":
      return requestResponse(command, terminal, {
        ...{ trace, onTimeout },
        show: messageShower(command.output, terminal, complain),
      });
  }
}

function refuseEmptyInput({ kind }: MessageSource) {
  return (bytes: Uint8Array): Uint8Array => {
    if (kind === "stdin" && bytes.length === 0) throw new EmptyInputFailure("stdin is empty.");
    return bytes;
  };
}

/** A refused message is a warning, and the tool ends with 0. */
function warnOfRefusal(complain: (line: string) => void) {
  return (error: unknown, number: number): void => {
    if (!isClientError(error)) throw error;
    switch (error.code) {
      case "TIDINGS_CLIENT_PUBLISH_REFUSED":
        complain(`Warning: Publish ${number} failed: ${mosquittoReason(error.reasonCode ?? 0x80)}.`);
        return;
      case "TIDINGS_CLIENT_NOT_SUPPORTED":
        // Retained messages are dropped without a word.
        if (/qos/i.test(error.message)) complain("Error: Message QoS not supported on broker, try a lower QoS.");
        return;
      case "TIDINGS_CLIENT_INVALID_ARGUMENT":
        complain("Error: Invalid input. Does your topic contain '+' or '#'?");
        return;
      case "TIDINGS_CLIENT_PACKET_TOO_LARGE":
        return;
    }
    throw error;
  };
}

function tellWhenAllIsRefused(complain: (line: string) => void) {
  return (error: unknown, isAll: boolean): void => {
    if (!isClientError(error) || error.code !== "TIDINGS_CLIENT_SUBSCRIBE_REFUSED") throw error;
    if (isAll) complain("All subscription requests were denied.");
  };
}

function messageShower(output: MosquittoOutput, terminal: Terminal, complain: (line: string) => void) {
  const write = mosquittoMessageWriter(output, ({ message }) => complain(message));
  return (message: ReceivedMessage): Promise<void> => terminal.write(write(message));
}

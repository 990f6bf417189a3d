/** Clients in Node, Bun and Deno: every transport. */
import { clientFactory } from "../connect.js";
import { nodeEnvironment } from "./node-environment.js";

export const { connect, connectPool, createClient } = clientFactory(nodeEnvironment);

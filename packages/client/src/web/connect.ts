/** Clients in browsers and workers: WebSocket. */
import { clientFactory } from "../connect.js";
import { webEnvironment } from "./web-environment.js";

export const { connect, connectPool, createClient } = clientFactory(webEnvironment);

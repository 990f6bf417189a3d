/** The files of the web client for the requests on the WebSocket port that are no upgrade. Reads nothing but those files. */
import { existsSync } from "node:fs";
import type { RequestListener, ServerResponse } from "node:http";
import { createRequire } from "node:module";
import { dirname } from "node:path";
import sirv from "sirv";

/** Scripts and styles from here alone; connections to any broker, since the page is a client for all of them. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self' ws: wss:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

/** Undefined when the page was not built, as in a checkout where only the broker runs from its sources. */
export function serveWebClient(): RequestListener | undefined {
  const directory = findDirectory();
  if (directory === undefined) return undefined;
  const serve = sirv(directory, { etag: true, gzip: true, setHeaders });
  return (request, response) => {
    if (request.method !== "GET" && request.method !== "HEAD") {
      answer(response, 405, "Only GET and HEAD are answered here.", { Allow: "GET, HEAD", Connection: "close" });
    } else serve(request, response, () => answerUnknown(request.url ?? "", response));
  };
}

function findDirectory(): string | undefined {
  try {
    const page = createRequire(import.meta.url).resolve("@tidings/web-client/index.html");
    return existsSync(page) ? dirname(page) : undefined;
  } catch {
    return undefined;
  }
}

/** Names under `assets` change with their content; everything else is asked for again, and mostly answered with 304. */
function setHeaders(response: ServerResponse, path: string): void {
  const isHashed = path.startsWith("/assets/");
  response.setHeader("Cache-Control", isHashed ? "public, max-age=31536000, immutable" : "no-cache");
  response.setHeader("Content-Security-Policy", CONTENT_SECURITY_POLICY);
  response.setHeader("Cross-Origin-Opener-Policy", "same-origin");
  response.setHeader("Referrer-Policy", "no-referrer");
  response.setHeader("X-Content-Type-Options", "nosniff");
}

function answerUnknown(url: string, response: ServerResponse): void {
  if (/^\/mqtt(\?|$)/.test(url)) {
    answer(response, 426, "This path speaks MQTT over WebSocket.", {
      Connection: "Upgrade, close",
      Upgrade: "websocket",
    });
  } else answer(response, 404, "There is nothing at this path.");
}

function answer(response: ServerResponse, status: number, text: string, headers: Record<string, string> = {}): void {
  response.writeHead(status, { "Content-Type": "text/plain; charset=utf-8", ...headers });
  response.end(`${text}\n`);
}

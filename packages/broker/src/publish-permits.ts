/**
 * What one connection may publish, as far as it was asked lately: a handful of routes with a bit for each combination of
 * QoS and RETAIN that is permitted. So a publisher that stays with its topics asks no hook, and hashes nothing.
 */
import type { Route } from "./route.js";

/** A power of two. */
const ROUTES = 8;

export class PublishPermits {
  private readonly routes: (Route | undefined)[] = new Array(ROUTES).fill(undefined);
  private readonly permitted: number[] = new Array(ROUTES).fill(0);

  /** False: not known, or not permitted. */
  has(route: Route, kind: number): boolean {
    const slot = route.number & (ROUTES - 1);
    return this.routes[slot] === route && (this.permitted[slot] & (1 << kind)) !== 0;
  }

  add(route: Route, kind: number): void {
    const slot = route.number & (ROUTES - 1);
    this.permitted[slot] = (this.routes[slot] === route ? this.permitted[slot] : 0) | (1 << kind);
    this.routes[slot] = route;
  }
}

/** Of a message, from 0 to 5: what besides the topic it takes a permission for. */
export function publishKind(qos: number, retain: boolean): number {
  return qos * 2 + (retain ? 1 : 0);
}

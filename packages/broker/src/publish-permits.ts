/**
 * What one connection may publish, as far as it was asked lately: a handful of routes with a bit for each combination of
 * QoS and RETAIN that is permitted. So a publisher that stays with its topics asks no hook, and hashes nothing.
 */
import type { QoS } from "@tidings/packet";
import type { Route } from "./route.js";

/** A power of two. */
const ROUTES = 8;

export class PublishPermits {
  private readonly routes: (Route | undefined)[] = new Array(ROUTES).fill(undefined);
  private readonly permitted: number[] = new Array(ROUTES).fill(0);
  private generation = -1;

  /** False: not known, or not permitted. `generation` changes when what was known holds no more. */
  has(route: Route, qos: QoS, retain: boolean, generation: number): boolean {
    const slot = route.number & (ROUTES - 1);
    return (
      this.routes[slot] === route &&
      this.generation === generation &&
      (this.permitted[slot] & (1 << (qos * 2 + (retain ? 1 : 0)))) !== 0
    );
  }

  add(route: Route, qos: QoS, retain: boolean, generation: number): void {
    if (this.generation !== generation) {
      this.routes.fill(undefined);
      this.generation = generation;
    }
    const slot = route.number & (ROUTES - 1);
    const kind = 1 << (qos * 2 + (retain ? 1 : 0));
    this.permitted[slot] = this.routes[slot] === route ? this.permitted[slot] | kind : kind;
    this.routes[slot] = route;
  }
}

/** The part of qlobber that the matcher is measured against; the package ships no types. */
declare module "qlobber" {
  export class Qlobber<T> {
    constructor(options?: Record<string, unknown>);
    add(topic: string, value: T): this;
    match(topic: string): T[];
  }
}

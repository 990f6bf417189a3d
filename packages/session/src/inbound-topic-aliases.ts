/**
 * Topic aliases of the receiving side (MQTT 5.0 section 3.3.2.3.4): what each alias stands for on one connection.
 * `T` is whatever the receiver resolves a topic to.
 */
/** What the peer's topic aliases stand for (section 3.3.2.3.4). One per connection [MQTT-3.3.2-7]. */
export class InboundTopicAliases<T> {
  private readonly values: (T | undefined)[] = [];

  /** `maximum` is the Topic Alias Maximum that this side announced, 0 to 65535; 0 accepts none. */
  constructor(readonly maximum: number) {}

  /** False: the alias is 0 or above the maximum, answer 0x94 [MQTT-3.3.2-8] [MQTT-3.3.2-9]. */
  accepts(alias: number): boolean {
    return alias >= 1 && alias <= this.maximum;
  }

  /** A PUBLISH carried both; a later one replaces it. For an accepted alias. */
  set(alias: number, value: T): void {
    // Grows one by one up to the alias, so that a sparse first alias does not make a dictionary of the array.
    while (this.values.length < alias) this.values.push(undefined);
    this.values[alias - 1] = value;
  }

  /** Undefined: never set on this connection, a Protocol Error. */
  get(alias: number): T | undefined {
    return this.values[alias - 1];
  }
}

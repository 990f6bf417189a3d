/** A bounded table of what was seen lately: the key that was not seen for the longest time makes room for another one. */
export class RecentKeys<T> {
  private readonly values = new Map<string, T>();

  constructor(private readonly keysMax: number) {}

  get size(): number {
    return this.values.size;
  }

  /** Looking does not count as seeing. */
  get(key: string): T | undefined {
    return this.values.get(key);
  }

  set(key: string, value: T): void {
    this.values.delete(key);
    this.values.set(key, value);
    if (this.values.size <= this.keysMax) return;
    const [oldest] = this.values.keys();
    this.values.delete(oldest);
  }

  delete(key: string): void {
    this.values.delete(key);
  }
}

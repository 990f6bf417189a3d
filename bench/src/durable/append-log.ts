/** The least that can be durable: a file, appended to, flushed once for everything that came meanwhile. */
import { fdatasync, openSync, write } from "node:fs";

export class AppendLog {
  onDurable: (upTo: number) => void = () => {};
  private readonly file: number;
  private waiting: Uint8Array[] = [];
  private last = 0;
  private isWriting = false;

  constructor(path: string) {
    this.file = openSync(path, "a");
  }

  append(bytes: Uint8Array): number {
    this.waiting.push(bytes);
    return ++this.last;
  }

  /** Ends a turn. */
  seal(): void {
    if (this.isWriting || this.waiting.length === 0) return;
    const bytes = Buffer.concat(this.waiting);
    const upTo = this.last;
    this.waiting = [];
    this.isWriting = true;
    write(this.file, bytes, (error) => {
      if (error !== null) throw error;
      fdatasync(this.file, (failure) => {
        if (failure !== null) throw failure;
        this.isWriting = false;
        this.onDurable(upTo);
        this.seal();
      });
    });
  }
}

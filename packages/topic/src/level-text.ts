/** One level of a topic, as the tables look it up: its text and its hash, each made when it is first asked for. */
export class LevelText {
  private topic: string;
  private start = 0;
  private end: number;
  private text: string | undefined = undefined;
  private hash = 0;

  constructor(text = "") {
    this.topic = text;
    this.end = text.length;
  }

  /** Makes this the level of `topic` from `start` to `end`. One object serves many levels, so that a match makes none. */
  become(topic: string, start: number, end: number): this {
    this.topic = topic;
    this.start = start;
    this.end = end;
    this.text = undefined;
    this.hash = 0;
    return this;
  }

  getText(): string {
    this.text ??= this.topic.slice(this.start, this.end);
    return this.text;
  }

  /** 32 bits, never 0. */
  getHash(): number {
    if (this.hash === 0) this.hash = hashText(this.topic, this.start, this.end);
    return this.hash;
  }
}

/** FNV-1a by code units, and the mixing of MurmurHash3 so that the low bits depend on all of the text. Never 0. */
function hashText(topic: string, start: number, end: number): number {
  let hash = 0x811c9dc5;
  for (let index = start; index < end; index += 1) hash = Math.imul(hash ^ topic.charCodeAt(index), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash ^= hash >>> 13;
  return hash === 0 ? 1 : hash;
}

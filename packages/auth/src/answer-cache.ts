/**
 * Answers, remembered for a while: the same question is asked once at a time, and not again as long as its answer holds.
 * Failures are not remembered. The answers that came first are forgotten first.
 */
export class AnswerCache<T> {
  private readonly known = new Map<string, { readonly answer: T; readonly untilMs: number }>();
  private readonly asked = new Map<string, Promise<T>>();

  constructor(
    private readonly holdsMs: number,
    private readonly answersMax: number,
  ) {}

  /** A promise only where somebody has to be asked. */
  get(question: string, nowMs: number, ask: () => Promise<T>): T | Promise<T> {
    const known = this.known.get(question);
    if (known !== undefined && nowMs < known.untilMs) return known.answer;
    const pending = this.asked.get(question);
    if (pending !== undefined) return pending;
    const answer = ask()
      .then((settled) => {
        this.remember(question, settled, nowMs + this.holdsMs);
        return settled;
      })
      .finally(() => this.asked.delete(question));
    this.asked.set(question, answer);
    return answer;
  }

  private remember(question: string, answer: T, untilMs: number): void {
    if (this.holdsMs <= 0 || this.answersMax <= 0) return;
    this.known.delete(question);
    for (const first of this.known.keys()) {
      if (this.known.size < this.answersMax) break;
      this.known.delete(first);
    }
    this.known.set(question, { answer, untilMs });
  }
}

/** Records in the order of their sequence numbers. */
interface Ordered {
  readonly length: number;
  at(index: number): { readonly sequence: number } | undefined;
}

/** The place of the first record with this sequence number or a higher one; the length when there is none. */
export function placeOf(records: Ordered, sequence: number): number {
  let low = 0;
  let high = records.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (records.at(middle)!.sequence < sequence) low = middle + 1;
    else high = middle;
  }
  return low;
}

// Figures of several runs as one. Pure.

/** The value below which this share (0 to 1) of them lies, by nearest rank; NaN of none. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const rank = Math.max(1, Math.ceil(share * sorted.length));
  return sorted[rank - 1] ?? NaN;
}

/** Of an even number the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  return (
    (quantile(values, 0.5) +
      quantile(
        [...values].map((value) => -value),
        0.5,
      ) *
        -1) /
    2
  );
}

/** To so many significant digits: what is measured here is never good for more than three or four. */
export const rounded = (value: number, digits = 3): number => Number(value.toPrecision(digits));

/** Each of one list by its counterpart in the other: ratios of what ran in the same round. */
export const ratios = (above: readonly number[], below: readonly number[]): number[] =>
  above.map((value, i) => value / (below[i] ?? NaN));

// Numbers that sum up others, for what measures.

export function median(numbers) {
  return percentile(numbers, 0.5);
}

/** The smallest number that at least this share of them does not exceed. */
export function percentile(numbers, share) {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? NaN;
}

export function round(number, digits) {
  return Number(number.toFixed(digits));
}

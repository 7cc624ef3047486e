/** The value at `share` of the way through the sorted values, between neighbours in proportion. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  const at = (sorted.length - 1) * share
  const below = sorted[Math.floor(at)]
  const above = sorted[Math.ceil(at)]
  if (below === undefined || above === undefined) return NaN
  return below + (above - below) * (at - Math.floor(at))
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5)
}

/** A figure over the rounds: the median, and the quartiles around it as its spread. */
export interface Spread {
  readonly median: number
  readonly low: number
  readonly high: number
}

export function spread(values: readonly number[]): Spread {
  return { median: median(values), low: quantile(values, 0.25), high: quantile(values, 0.75) }
}

/** The ratio of two series, round by round: whatever disturbs a round disturbs both. */
export function ratio(values: readonly number[], base: readonly number[]): Spread {
  const rounds = Math.min(values.length, base.length)
  return spread(Array.from({ length: rounds }, (_, i) => values[i]! / base[i]!))
}

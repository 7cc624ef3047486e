/** What a run of a load reports besides its time: counts and figures, by name. */
export interface Observed {
  readonly [figure: string]: number
}

/**
 * One run of a load over `n` items. It checks what arrived and throws `WrongResult` if that is not what was
 * sent: a library that loses values is reported as such, however fast it is.
 */
export type Load = (n: number) => Promise<Observed>

/** How a library handles a load: a run, with what the reader has to know about it, or the reason why there is none. */
export type Entry = { readonly run: Load; readonly note?: string } | { readonly no: string }

/** A library under measurement. Its loads are looked up by name; it cannot do a load that it does not name. */
export interface Library {
  readonly loads: { readonly [load: string]: Entry }
}

export class WrongResult extends Error {
  override readonly name = 'WrongResult'
}

/** @throws WrongResult if the two differ */
export function expectEqual(what: string, actual: number, expected: number): void {
  if (actual !== expected) throw new WrongResult(`${what}: got ${actual}, expected ${expected}`)
}

/** The sum of the whole numbers below `n`: what `n` items add up to. */
export function sumBelow(n: number): number {
  return (n * (n - 1)) / 2
}

/** The same note on each of several loads. */
export function withNote(
  note: string,
  loads: { readonly [load: string]: Entry },
): { readonly [load: string]: Entry } {
  return Object.fromEntries(
    Object.entries(loads).map(([name, entry]) => [name, 'run' in entry ? { ...entry, note } : entry]),
  )
}

/** The same reason for each of several loads. */
export function no(reason: string, ...loads: readonly string[]): { readonly [load: string]: Entry } {
  return Object.fromEntries(loads.map((name) => [name, { no: reason }]))
}

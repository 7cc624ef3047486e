// A page prints objects by itself. Bundlers drop the calls of functions that do nothing, where they are declared as such.

export function inspectable(): void {}
export function inspectableAs(): void {}
export function countOf(): number {
  return 0
}

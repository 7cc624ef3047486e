/**
 * A bug, to be planted in the engine: `find`, which occurs once in `file`, becomes `replace`.
 *
 * @typedef {object} Mutant
 * @property {string} name the bug as a user of the package would see it
 * @property {readonly string[]} rules those of docs/semantics.md that it breaks; F1 to F15 are the faults that
 *   channels of other makes have had
 * @property {string} file
 * @property {string} find
 * @property {string} replace
 */

/**
 * The mutants of one file of the engine, a row for each: its rules, its name, what to find and what to put there.
 *
 * @param {string} file
 * @param {[rules: string, name: string, find: string, replace: string][]} rows
 * @returns {Mutant[]}
 */
export function inFile(file, rows) {
  return rows.map(([rules, name, find, replace]) => ({
    name,
    rules: rules.split(' '),
    file: `packages/core/src/${file}`,
    find,
    replace,
  }))
}

/**
 * The source with the bug in it.
 *
 * @param {Mutant} mutant
 * @param {string} source
 * @throws Error if the place for it is not there, or there twice: the source has changed, and the mutant has to follow
 */
export function plant({ name, file, find, replace }, source) {
  const at = source.indexOf(find)
  const times = at < 0 ? 'not' : source.indexOf(find, at + 1) < 0 ? 'once' : 'more than once'
  if (times !== 'once') throw new Error(`Stale mutant "${name}": what it looks for is ${times} in ${file}`)
  return source.slice(0, at) + replace + source.slice(at + find.length)
}

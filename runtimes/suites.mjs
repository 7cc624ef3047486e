import { PAGES } from './known.mjs'

/** The tests of each package, and programs that use both as they are published. */
export const SUITES = /** @type {const} */ (['core', 'ws', 'packages'])

/**
 * What runs on a runtime. In pages there are no programs, because npm test checks the bundles. Workers cannot load
 * vitest.
 *
 * @param {string} name
 * @returns {readonly typeof SUITES[number][]}
 */
export function suitesOf(name) {
  if (PAGES.includes(name)) return ['core', 'ws']
  return name === 'workerd' ? ['packages'] : SUITES
}

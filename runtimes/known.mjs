// What is known not to work where, and why. The runs hold it to account: a test that fails has to be here, and what is
// here has to fail. Nothing is here that the library could mend.

/**
 * @typedef {object} Known
 * @property {string[]} on names of runtimes
 * @property {'core' | 'ws' | 'packages'} suite
 * @property {string} file the end of its path
 * @property {RegExp} [test] what its full name matches; all of the file, unless told
 * @property {string} reason the symptom
 * @property {'runtime' | 'test'} fault whether the runtime differs, or the test asks for what only Node has
 * @property {boolean} [skip] it is not even started: it would end the process, or never end
 * @property {boolean} [flaky] it does not fail each time
 */

const NO_STACK =
  'With `Error.stackTraceLimit` at 0, as for the errors of a cancel, an error has no `stack` at all.'
const ENDLESS =
  'A program whose main task waits for ever ends with another code than Node’s 13 (Deno: 1), or not at all (Bun).'
const OUTSIDE =
  '`simulate` is not told of sockets and files that are open (`async_hooks`): a task that waits for one is reported as asleep.'
const UNHANDLED =
  'A promise that nobody handles is told later than in Node: `explore` ends before it hears of it.'
const NODE_TEST = 'Its `node:test` prints another report.'

/** @type {Known[]} */
export const known = [
  // chansel
  ...[
    { file: 'spec/errors.test.ts', test: /^the tree api 10: (Canceled|DeadlineExceeded)Error/ },
    { file: 'spec/context.test.ts', test: /^J16 the error of / },
  ].map((tests) => inCore(['bun'], 'runtime', NO_STACK, tests)),
  ...[
    { file: 'spec/process.test.ts', test: /^J22 if its main task waits, too/ },
    { file: 'testing/process.test.ts', test: /^J22 a program that ends in a deadlock/ },
  ].map((tests) => inCore(['bun', 'deno'], 'runtime', ENDLESS, tests)),
  inCore(['bun', 'deno'], 'runtime', OUTSIDE, {
    file: 'testing/simulate.test.ts',
    test: /^R8 the outside (that does not come in time|may wake a task by a callback)/,
  }),
  inCore(['bun'], 'runtime', UNHANDLED, {
    file: 'testing/explore.test.ts',
    test: /'a failure that nobody awaits'|with no options at all/,
  }),
  inCore(['bun', 'deno'], 'test', NODE_TEST, {
    file: 'testing/process.test.ts',
    test: /^works under node:test/,
  }),
]

/**
 * @param {string[]} on
 * @param {Known['fault']} fault
 * @param {string} reason
 * @param {Pick<Known, 'file' | 'test' | 'skip' | 'flaky'>} tests
 * @returns {Known}
 */
function inCore(on, fault, reason, { file, ...rest }) {
  return { on, suite: 'core', fault, reason, file: `packages/core/test/${file}`, ...rest }
}

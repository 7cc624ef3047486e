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

/** @type {Known[]} */
export const known = []

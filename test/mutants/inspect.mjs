import { inFile } from './mutant.mjs'

export default inFile('internal/inspect.ts', [
  ['R6', 'of those who wait in line only the first is seen', 'at.next === first ? null : at.next', 'null'],
  ['R6', 'an object in a log takes several lines', ', breakLength: Infinity', ''],
  ['J19', 'whoever prints a channel cannot say how', '{ ...options, breakLength', '{ breakLength'],
])

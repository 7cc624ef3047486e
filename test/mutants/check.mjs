import { inFile } from './mutant.mjs'

export default inFile('internal/check.ts', [
  [
    'C1',
    'a channel may hold one value and a half',
    'orInfinity ? given === Infinity || Number.isInteger(given)',
    'orInfinity ? true',
  ],
  ['C1', 'a negative capacity passes', 'if (isWhole && given >= least) return', 'if (isWhole) return'],
  ['C1', 'an unbounded channel is refused', 'given === Infinity || ', ''],
  [
    'C1 J13',
    'a capacity of text is compared as a number',
    "  checkType(what, given, 'number')\n  const isWhole",
    '  const isWhole',
  ],
  ['J13', 'null is an object of options', ' && given !== null', ''],
  ['T17', 'a timer may be set to NaN', '  if (Number.isNaN(given)) throw', '  if (false) throw'],
  [
    'T17 J13',
    'a timer may be set to text',
    "  checkType(what, given, 'number')\n  if (Number.isNaN(given))",
    '  if (Number.isNaN(given))',
  ],
  [
    'C1',
    'the error of a capacity does not say that it may be infinite',
    "${orInfinity ? ' or Infinity' : ''}",
    '',
  ],
])

// npm test: the checks, then the tests, from the sources. Arguments go to vitest: npm test -- channel

import './check.mjs'
import { step } from './run.mjs'

step('Tests', 'vitest', 'run', ...process.argv.slice(2))

import { expectNothingLeft } from '../support/pending.ts'
import { describeRandomPrograms } from './random.ts'

expectNothingLeft()

// Half of the programs; the others have a file of their own, because files run side by side.
describeRandomPrograms('random-first.test.ts', 1)

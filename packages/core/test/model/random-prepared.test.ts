import { expectNothingLeft } from '../support/pending.ts'
import { describeRandomPrograms } from './random.ts'

expectNothingLeft()

// The programs of the other files may have selects that are prepared, too.
describeRandomPrograms('random-prepared.test.ts', 3, 'prepared')

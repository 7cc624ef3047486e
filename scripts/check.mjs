// npm run check: all that can be checked about the sources without running them.

import { ensureDependencies } from './ensure-deps.mjs'
import { step } from './run.mjs'

await ensureDependencies()
step('Types', 'tsc', '-p', '.')
step('Lint', 'oxlint')
step('Format', 'oxfmt', '--check')

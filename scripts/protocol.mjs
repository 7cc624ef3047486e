// npm run protocol: the case classes of the Autobahn testsuite, with messages as large and as many as it has.

import { ensureDependencies } from './ensure-deps.mjs'
import { runTests } from './tests.mjs'

await ensureDependencies()
const { status, output } = await runTests('ws', 'packages/ws/test/protocol.test.ts', {
  CHANSEL_PROTOCOL: 'whole',
})
console.log(output)
process.exitCode = status ?? 1

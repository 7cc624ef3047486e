// One worker process: node src/worker.ts <url>

import { background, withCancel } from 'chansel'
import type { Job } from './protocol.ts'
import { workFor } from './work.ts'

using leave = withCancel(background())
process.once('SIGTERM', () => leave.cancel())
process.on('SIGINT', () => {}) // Ctrl-C reaches all processes of a terminal; the parent says when to leave.
await workFor(process.argv[2]!, countPrimes, leave)

/** Something that takes a while: counts the primes below a number. */
function countPrimes({ input }: Job): number {
  if (!(input >= 0 && input <= 1e8)) throw new RangeError(`Cannot count the primes below ${input}`)
  const isComposite = new Uint8Array(input)
  let count = 0
  for (let n = 2; n < input; n++) {
    if (isComposite[n]) continue
    count++
    for (let multiple = n * n; multiple < input; multiple += n) isComposite[multiple] = 1
  }
  return count
}

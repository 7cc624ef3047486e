// The engine without its protection of the event loop: bundled with a slice that never ends. The difference is what the
// protection costs.

import type { Library } from '../library.ts'
import { pingPong, pingPongOf } from '../suites/engine/loads/ping-pong.ts'
import { spsc } from '../suites/engine/loads/spsc.ts'
import { starvation } from '../suites/engine/probes/starvation.ts'
import { channels } from './chansel.ts'

const roundTrips = pingPongOf(channels)

export const library: Library = {
  loads: {
    'spsc-unbuffered': { run: spsc(channels, 0) },
    'ping-pong': { run: pingPong(roundTrips) },
    starvation: { run: starvation(roundTrips) },
  },
}

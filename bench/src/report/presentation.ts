import type { Presentation, Suite } from '../suites/suite.ts'
import { spread } from '../measure/statistics.ts'

export function presentationOf(suite: Suite): Presentation {
  return suite.presentation ?? engine
}

/** The engine's. */
export const engine: Presentation = {
  title: 'CPU time of an item, in multiples of the floor',
  floor: 'The floor is a hand-over by raw promises; less is better; the scale is logarithmic.',
  floorShort: 'the floor',
  rival: 'go',
  rivalTitle: 'Go',
  controls: ['promises', 'async-generators', 'chansel-unprotected', 'message-port'],
  detail: {
    title: 'ready',
    of: ({ readyShare }) =>
      readyShare === undefined ? '' : `${Math.round(spread(readyShare).median * 100)} %`,
  },
}

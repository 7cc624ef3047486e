import { UnsupportedError } from './errors.ts'
import type { sendFragments as sendFragmentsInNode } from './fragments.ts'

/** No WebSocket of a page sends fragments, so a page need not load what makes them. */
export const sendFragments: typeof sendFragmentsInNode = () =>
  Promise.reject(new UnsupportedError('sendStream'))

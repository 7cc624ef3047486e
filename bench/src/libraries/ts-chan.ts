import type { Library } from '../library.ts'
import { tsChan } from '../suites/engine/ts-chan.ts'

export const library: Library = tsChan(false)

import { Alarms } from '#alarms'
import { runtime } from './runtime.ts'

/** The alarms of the program, made with the first: a page that sets no timer and no deadline does not load them. */
export function alarms(): Alarms {
  return (runtime.alarms ??= new Alarms(() => runtime.now()))
}

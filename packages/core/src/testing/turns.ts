import { host } from './host.ts'

/** Lets everything happen that takes microtasks and `count` turns of the event loop, but no time. */
export async function turns(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await host.turn()
}

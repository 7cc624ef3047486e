import { never } from 'chansel'
import type { Job } from '../src/protocol.ts'

/** Dawdles over the first attempt of 100 and above for ever, refuses what is below 0, and exits over 13. */
export async function hesitate({ input, attempt }: Job): Promise<number> {
  if (input === 13) process.exit(1)
  if (input < 0) throw new RangeError(`Cannot do ${input}`)
  if (attempt === 1 && input >= 100) await never.receive()
  return input * 1_000 + attempt
}

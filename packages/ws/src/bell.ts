import { type Channel, channel } from 'chansel'

/** Holds one ring until somebody hears it. */
export function bell(): Channel<void> {
  return channel(1, { overflow: 'drop-newest' })
}

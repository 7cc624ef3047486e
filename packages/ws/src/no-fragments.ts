import { channel } from 'chansel'
import { UnsupportedError } from './errors.ts'
import type * as inNode from './fragments.ts'

// No WebSocket of a page sends fragments, or tells of them, so a page need not load what deals with them.

export const sendFragments: typeof inNode.sendFragments = () =>
  Promise.reject(new UnsupportedError('sendStream'))

export const readStreams: typeof inNode.readStreams = (isOn) => {
  if (isOn) throw new UnsupportedError('use incomingStreams')
  return () => off
}

const failed = channel<never>()
failed.close(new UnsupportedError('use incomingStreams'))
const off = { channel: failed, close() {} }

/** Doors to the platform: streams, events and signals as channels and contexts, and channels as streams. */
export { toReadableStream } from './to-readable-stream.ts'
export {
  type FromReadableStreamOptions,
  type StreamChannel,
  fromReadableStream,
} from './from-readable-stream.ts'
export { toWritableStream } from './to-writable-stream.ts'
export { type WritableStreamChannel, fromWritableStream } from './from-writable-stream.ts'
export {
  type EventChannel,
  type EventEmitterLike,
  type EventOptions,
  type EventOverflow,
  fromEvents,
} from './from-events.ts'
export { fromSignal } from './from-signal.ts'

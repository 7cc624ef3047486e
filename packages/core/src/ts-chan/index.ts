/** Channels of the `ts-chan` package in our selects, and ours in its `Select`. Nothing of it is imported. */
export { fromTsChan } from './from.ts'
export type { Chan, MadeOf, Receiver, ReceiverCallback, Sender, SenderCallback } from './protocol.ts'
export { toTsChan } from './to.ts'

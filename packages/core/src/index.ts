export {
  type Channel,
  type ChannelOptions,
  type Overflow,
  type ReceiveChannel,
  type SendChannel,
  channel,
} from './channel.ts'
export {
  type CancelContext,
  type Context,
  type ContextKey,
  afterFunc,
  background,
  contextKey,
  withCancel,
  withDeadline,
  withTimeout,
  withValue,
  withoutCancel,
} from './context.ts'
export {
  CanceledError,
  ClosedChannelError,
  DeadlineExceededError,
  isCanceled,
  isDeadlineExceeded,
} from './errors.ts'
export { type Group, type GroupOptions, type Task, go, group } from './group.ts'
export type { Cancel } from './internal/foreign.ts'
export type { Received } from './internal/operation.ts'
export {
  type SelectCase,
  type CasesOf,
  type SelectCases,
  type Selected,
  type SendCase,
  select,
  sendCase,
  trySelect,
} from './select.ts'
export { type Ticker, type Timer, after, sleep, ticker, timer, yieldNow } from './time.ts'
export { never, receiveOnly, sendOnly } from './views.ts'

export { type AcceptOptions, accept } from './accept.ts'
export { type ListenOptions, type Listener, listen, serve } from './listen.ts'
export type { Refusal } from './refusal.ts'

export { type AcceptOptions, type Refusal, accept } from './accept.ts'
export { type ListenOptions, type Listener, listen, serve } from './listen.ts'

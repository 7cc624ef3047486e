export { type Connection, type Message, type MessageSource, type WebSocketLike, wrap } from './connection.ts'
export { type DialOptions, dial } from './dial.ts'
export {
  CloseError,
  type CloseInfo,
  type ClosedBy,
  DialError,
  IncomingOverflowError,
  MessageTooBigError,
  RefusedError,
  UnsupportedError,
  WebSocketError,
} from './errors.ts'
export type { ConnectionOptions } from './options.ts'

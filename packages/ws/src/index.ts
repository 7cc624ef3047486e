export { type TypedConnection, type TypedRedialConnection, withCodec } from './with-codec.ts'
export type { Codec, OnInvalid } from './codec.ts'
export type { ConnectionOptions } from './connection-options.ts'
export type { Connection, IncomingStream, Message, MessageSource } from './connection.ts'
export type {
  ConnectionClosed,
  ConnectionOpened,
  ConnectionRefused,
  DiagnosticEvents,
  HeartbeatAnswered,
  HeartbeatExpired,
  HeartbeatPinged,
  MessagePassed,
  ReadingPaused,
  ReadingResumed,
  SendWaited,
  SendWaiting,
} from './diagnostic-events.ts'
export { type DialOptions, dial } from './dial.ts'
export {
  CloseError,
  type CloseInfo,
  type ClosedBy,
  CodecError,
  DialError,
  HeartbeatError,
  IncomingOverflowError,
  MessageTooBigError,
  RefusedError,
  SchemaError,
  UnsupportedError,
  WebSocketError,
} from './errors.ts'
export { json } from './json.ts'
export { redial } from './redial.ts'
export type { RedialConnection, RedialState } from './redial-connection.ts'
export type { OwnDialOptions, RedialOptions } from './redial-options.ts'
export type { SchemaIssue, SchemaResult, StandardSchemaV1 } from './standard-schema.ts'
export { type WebSocketLike, wrap } from './wrap.ts'

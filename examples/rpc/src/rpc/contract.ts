// What both sides know: the procedures, with what goes in and what comes out.

import type { Cancel, Context } from 'chansel'
import { SchemaError, type StandardSchemaV1 } from '@chansel/ws'

export interface Procedure<Kind extends 'call' | 'stream', In, Out> {
  readonly kind: Kind
  readonly input: StandardSchemaV1<unknown, In>
  readonly output: StandardSchemaV1<unknown, Out>
}

export type Contract = Readonly<Record<string, Procedure<'call' | 'stream', unknown, unknown>>>

/** One answer. The schemas may come from any library that implements Standard Schema. */
export function call<In, Out>(
  input: StandardSchemaV1<unknown, In>,
  output: StandardSchemaV1<unknown, Out>,
): Procedure<'call', In, Out> {
  return { kind: 'call', input, output }
}

/** Any number of values, one after the other. */
export function stream<In, Out>(
  input: StandardSchemaV1<unknown, In>,
  output: StandardSchemaV1<unknown, Out>,
): Procedure<'stream', In, Out> {
  return { kind: 'stream', input, output }
}

/** What the server has to provide. `ctx` ends when the client cancels, its deadline passes, or it is gone. */
export type Handlers<C extends Contract> = {
  readonly [M in keyof C]: C[M] extends Procedure<'call', infer In, infer Out>
    ? (input: In, ctx: Context) => Out | Promise<Out>
    : C[M] extends Procedure<'stream', infer In, infer Out>
      ? (input: In, ctx: Context) => AsyncIterable<Out>
      : never
}

/** What the client gets. Leaving a loop over a stream cancels it. */
export type Api<C extends Contract> = {
  readonly [M in keyof C]: C[M] extends Procedure<'call', infer In, infer Out>
    ? (input: In, cancel?: Cancel) => Promise<Out>
    : C[M] extends Procedure<'stream', infer In, infer Out>
      ? (input: In, cancel?: Cancel) => AsyncGenerator<Out, void, void>
      : never
}

/** @throws SchemaError (a rejection) */
export async function validate<T>(schema: StandardSchemaV1<unknown, T>, value: unknown): Promise<T> {
  const result = await schema['~standard'].validate(value)
  if (result.issues !== undefined) throw new SchemaError(result.issues)
  return result.value
}

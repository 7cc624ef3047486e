import { type Codec, type OnInvalid, checkOnInvalid, isThenable } from './codec.ts'
import { SchemaError, describe } from './errors.ts'
import { checkObject } from './options.ts'
import type { SchemaResult, StandardSchemaV1 } from './standard-schema.ts'

/**
 * A codec for JSON, validated by a schema of zod, valibot, arktype or any other library with Standard Schema.
 * Values are sent as texts, and received from texts or, for peers that send JSON so, from binary messages of UTF-8.
 * Values that are sent are not validated: if they are of another type than what is received, name both,
 * `json<Request, Reply>(schema)`.
 *
 * @param schema makes a value of what was parsed; without one, the value is what was parsed
 * @throws TypeError for anything but a schema, and for an option that cannot be used
 * @example
 * import { json } from '@chansel/ws'
 * import * as v from 'valibot'
 *
 * const codec = json(v.object({ hits: v.number() }), { onInvalid: 'skip' })
 * codec.decode('{"hits":1}') // => { hits: 1 }
 * codec.encode({ hits: 2 }) // => '{"hits":2}'
 */
export function json<T = unknown, Out = T>(
  schema?: StandardSchemaV1<unknown, T>,
  options: { onInvalid?: OnInvalid | undefined } = {},
): Codec<T, Out> {
  const standard = schema?.['~standard']
  if (schema !== undefined && typeof standard?.validate !== 'function')
    throw new TypeError(`Cannot use a schema: expected one with Standard Schema, got ${describe(schema)}`)
  checkObject('make a codec: options must be an object', options)
  checkOnInvalid(options)
  return {
    decode(message) {
      const parsed: unknown = JSON.parse(typeof message === 'string' ? message : decodeText(message))
      if (standard === undefined) return parsed as T
      const result = standard.validate(parsed)
      return isThenable(result) ? result.then(valueOf) : valueOf(result)
    },
    encode(value) {
      const text = JSON.stringify(value) as string | undefined
      if (text === undefined) throw new TypeError(`JSON has no ${typeof value}`)
      return text
    },
    ...(options.onInvalid === undefined ? {} : { onInvalid: options.onInvalid }),
  }
}

function decodeText(bytes: Uint8Array): string {
  return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
}

/** @throws SchemaError */
function valueOf<T>(result: SchemaResult<T>): T {
  if (result.issues !== undefined) throw new SchemaError(result.issues)
  return result.value
}

import type { ReceiveChannel } from '../channel.ts'
import { checkType } from '../internal/check.ts'
import { from } from './from.ts'
import { type Source, checkSource } from './source.ts'

type Step<A, B> = (source: A) => B

/**
 * Stages one after the other, in the order in which they run: each is a function of what the one before returned.
 * The last may be any function, such as `collect`.
 *
 * Source: no counterpart in Go, which nests the calls: `sq(sq(gen(2, 3)))`.
 *
 * @throws TypeError for what is not a source, or not a function
 * @example
 * import { collect, filter, map, pipe } from 'chansel/pipeline'
 *
 * const squares = pipe(
 *   [1, 2, 3],
 *   (s) => filter(s, (n) => n !== 2),
 *   (s) => map(s, (n) => n * n),
 *   (s) => collect(s),
 * )
 * await squares // => [1, 9]
 */
export function pipe<T>(source: Source<T>): ReceiveChannel<T>
export function pipe<S extends Source<unknown>, A>(source: S, a: Step<S, A>): A
export function pipe<S extends Source<unknown>, A, B>(source: S, a: Step<S, A>, b: Step<A, B>): B
export function pipe<S extends Source<unknown>, A, B, C>(
  source: S,
  a: Step<S, A>,
  b: Step<A, B>,
  c: Step<B, C>,
): C
export function pipe<S extends Source<unknown>, A, B, C, D>(
  source: S,
  a: Step<S, A>,
  b: Step<A, B>,
  c: Step<B, C>,
  d: Step<C, D>,
): D
export function pipe<S extends Source<unknown>, A, B, C, D, E>(
  source: S,
  a: Step<S, A>,
  b: Step<A, B>,
  c: Step<B, C>,
  d: Step<C, D>,
  e: Step<D, E>,
): E
export function pipe<S extends Source<unknown>, A, B, C, D, E, F>(
  source: S,
  a: Step<S, A>,
  b: Step<A, B>,
  c: Step<B, C>,
  d: Step<C, D>,
  e: Step<D, E>,
  f: Step<E, F>,
): F
export function pipe<S extends Source<unknown>, A, B, C, D, E, F, G>(
  source: S,
  a: Step<S, A>,
  b: Step<A, B>,
  c: Step<B, C>,
  d: Step<C, D>,
  e: Step<D, E>,
  f: Step<E, F>,
  g: Step<F, G>,
): G
/** Stages one after the other, any number of them, all of which keep the type of their items. */
export function pipe<T>(
  source: Source<T>,
  ...stages: ((source: Source<T>) => ReceiveChannel<T>)[]
): ReceiveChannel<T>
export function pipe(source: Source<unknown>, ...stages: Step<never, unknown>[]): unknown {
  checkSource('pipe', source)
  for (const stage of stages) checkType('pipe a source: a stage', stage, 'function')
  if (stages.length === 0) return from(source)
  return stages.reduce<unknown>((result, stage) => stage(result as never), source)
}

// The first ten primes, out of a chain of filters.

import {
  type Context,
  type ReceiveChannel,
  type SendChannel,
  background,
  channel,
  select,
  sendCase,
  withCancel,
} from 'chansel'

/** 2, 3, 4, … until `ctx` ends. */
async function generate(ctx: Context, out: SendChannel<number>): Promise<void> {
  for (let n = 2; (await select({ sent: sendCase(out, n), done: ctx.done })).case === 'sent'; n++);
}

/** Lets through what `prime` does not divide. */
async function filter(
  ctx: Context,
  numbers: ReceiveChannel<number>,
  out: SendChannel<number>,
  prime: number,
): Promise<void> {
  for (;;) {
    const event = await select({ number: numbers, done: ctx.done })
    if (event.case === 'done' || !event.ok) return
    if (event.value % prime === 0) continue
    if ((await select({ sent: sendCase(out, event.value), done: ctx.done })).case === 'done') return
  }
}

/** The first `count` primes: each prime that is found adds a filter of its own behind the last. */
export async function primes(ctx: Context, count: number): Promise<number[]> {
  const found: number[] = []
  let numbers = channel<number>()
  void generate(ctx, numbers)
  while (found.length < count) {
    const { value } = await numbers.receive(ctx)
    found.push(value!)
    const left = channel<number>()
    void filter(ctx, numbers, left, value!)
    numbers = left
  }
  return found
}

if (process.argv[1] === import.meta.filename) {
  using ctx = withCancel(background())
  for (const prime of await primes(ctx, 10)) console.log(prime)
}

// What is called in this example: prices, one at a time or as they change.

import { sleep } from 'chansel'
import * as v from 'valibot'
import { z } from 'zod'
import { type Handlers, call, stream } from './rpc/contract.ts'
import { RpcError } from './rpc/error.ts'

const Price = z.object({ symbol: z.string(), price: z.number() })

export const market = {
  quote: call(z.object({ symbol: z.string().regex(/^[A-Z]{1,5}$/) }), Price),
  // The same with valibot: each procedure may use any schema library.
  watch: stream(
    v.object({ symbol: v.string(), everyMs: v.pipe(v.number(), v.minValue(10)) }),
    v.object({ price: v.number() }),
  ),
}

const prices = new Map([
  ['GOPH', 19.64],
  ['CSP', 19.78],
])

export const handlers: Handlers<typeof market> = {
  quote: ({ symbol }) => ({ symbol, price: priceOf(symbol) }),

  async *watch({ symbol, everyMs }, ctx) {
    for (let price = priceOf(symbol); ; price *= 1 + (Math.random() - 0.5) / 100) {
      yield { price: Math.round(100 * price) / 100 }
      await sleep(everyMs, ctx)
    }
  },
}

function priceOf(symbol: string): number {
  const price = prices.get(symbol)
  if (price === undefined) throw new RpcError('NOT_TRADED', `Nobody trades ${symbol}`)
  return price
}

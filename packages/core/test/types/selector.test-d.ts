import {
  type Channel,
  type ReceiveChannel,
  type SelectCases,
  type Selected,
  type SendCase,
  background,
  channel,
  receiveOnly,
  sendCase,
  ticker,
  withCancel,
} from 'chansel'
import { type Selector, selector } from 'chansel/selector'
import { expectTypeOf, test } from 'vitest'

const inbox = channel<string>()
const outbox = channel<Date>()
const queue: Date[] = []
const ctx = withCancel(background())

const prepare = () =>
  selector({
    message: inbox,
    sent: queue.length > 0 && sendCase(outbox, queue[0]!),
    tick: ticker(5),
    off: null,
    done: ctx.done,
  })

test('S28 a round tells its outcomes apart as a select does', async () => {
  using events = prepare()
  const event = await events.select(ctx)
  expectTypeOf(event.case).toEqualTypeOf<'message' | 'sent' | 'tick' | 'done'>()
  if (event.case === 'message' && event.ok) expectTypeOf(event.value).toEqualTypeOf<string>()
  if (event.case === 'sent') expectTypeOf(event).toEqualTypeOf<{ readonly case: 'sent' }>()
  if (event.case === 'done') expectTypeOf(event.ok).toEqualTypeOf<false>()
  expectTypeOf(events.trySelect()).toEqualTypeOf<typeof event | undefined>()
  // @ts-expect-error a signal is no cancel
  void events.select(new AbortController().signal)
})

test('S30 a case is set to one of its kind, or off', () => {
  using events = prepare()
  events.set('sent', queue.length > 0 && sendCase(outbox, queue[0]!))
  events.set('sent', sendCase(outbox, new Date()))
  events.set('message', receiveOnly(channel<string>()))
  for (const label of ['message', 'sent', 'tick', 'off', 'done'] as const) {
    events.set(label, false)
    events.set(label, null)
    events.set(label, undefined)
  }
  // @ts-expect-error there is no such case
  events.set('other', null)
  // @ts-expect-error a case that is always off has no kind
  events.set('off', inbox)
  // @ts-expect-error another type
  events.set('message', channel<number>())
  // @ts-expect-error a send is no receive
  events.set('message', sendCase(inbox, 'a'))
  // @ts-expect-error a receive is no send
  events.set('sent', outbox)
  // @ts-expect-error another type
  events.set('sent', sendCase(inbox, 'a'))
  // @ts-expect-error a promise is no case
  events.set('message', Promise.resolve(inbox))
  // @ts-expect-error nor is a falsy value of another kind
  events.set('message', 0)
})

test('S28 S30 an array of cases has indexes for labels', async () => {
  using events = selector([inbox, sendCase(outbox, new Date()), null])
  expectTypeOf((await events.select()).case).toEqualTypeOf<0 | 1>()
  events.set(0, inbox)
  events.set(1, sendCase(outbox, new Date()))
  events.set(2, null)
  // @ts-expect-error
  events.set(3, null)
  // @ts-expect-error
  events.set('0', null)
  // @ts-expect-error
  events.set(0, sendCase(outbox, new Date()))
  const all: ReceiveChannel<string>[] = []
  using many = selector(all)
  many.set(7, inbox)
  expectTypeOf((await many.select()).case).toEqualTypeOf<number>()
})

test('S30 a case that begins as off has the kind that its type says', () => {
  using events = selector<{ sent: SendCase<Date> | false; from: Channel<string> | null }>({
    sent: false,
    from: null,
  })
  events.set('sent', sendCase(outbox, new Date()))
  events.set('from', receiveOnly(inbox))
  expectTypeOf(events.trySelect()!.case).toEqualTypeOf<'sent' | 'from'>()
})

test('S28 functions over selectors of any cases', async () => {
  async function next<Cases extends SelectCases>(events: Selector<Cases>): Promise<Selected<Cases>> {
    return events.trySelect() ?? events.select()
  }
  using events = prepare()
  expectTypeOf(await next(events)).toEqualTypeOf<Awaited<ReturnType<typeof events.select>>>()
})

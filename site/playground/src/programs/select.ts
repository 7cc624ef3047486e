import { type Context, type ReceiveChannel, select } from 'chansel'

export async function chooser({ mail, chat, news, changes }: Inputs, desk: Desk, ctx: Context) {
  for (;;) {
    const event = await select({
      mail: desk.wants('mail') && mail, // false: never ready, Go's nil channel
      chat: desk.wants('chat') && chat,
      news: desk.wants('news') && news,
      changes, // in what the desk wants
      done: ctx.done,
    })
    if (event.case === 'done') return
    if (event.case === 'changes') continue
    if (event.ok) await desk.handle(event.case, event.value)
    else desk.ended(event.case)
  }
}

type Topic = 'mail' | 'chat' | 'news'
type Inputs = Record<Topic, ReceiveChannel<number>> & { changes: ReceiveChannel<void> }
interface Desk {
  wants(topic: Topic): boolean
  handle(topic: Topic, item: number): Promise<void>
  ended(topic: Topic): void
}

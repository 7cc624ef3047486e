import { type Entry, type Load, type Observed, expectEqual, sumBelow } from '../../../library.ts'
import type { Channels, MakeMixedSelector, MakeSelector } from '../primitives.ts'
import { Choices } from '../random.ts'

/**
 * With an unbuffered partner in lock-step, who starts first decides for good whether a select finds its partner
 * waiting (`ready`) or has to wait itself (`parked`). The two cost differently, so each is a load of its own;
 * the share of selects that found a partner is counted, since a library may fall out of step.
 */
export type Phase = 'ready' | 'parked'
export const PHASES: readonly Phase[] = ['ready', 'parked']

/** One sender, which picks one of the channels at random, and one task that selects over receives from all of them. */
export function selectReceive<C, R>(
  channels: Channels<C, R>,
  makeSelector: MakeSelector<C>,
  count: number,
  phase: Phase,
): Load {
  return async (n) => {
    const all = Array.from({ length: count }, () => channels.channel(0))
    const selector = makeSelector(all)
    const choices = new Choices()
    let sent = 0
    let ready = 0
    let sum = 0
    const send = async (): Promise<void> => {
      for (let i = 0; i < n; i++) {
        sent++
        await channels.send(all[choices.next(count)]!, i)
      }
    }
    const select = async (): Promise<void> => {
      for (let i = 0; i < n; i++) {
        // There were more sends than receives: one waits.
        if (sent > i) ready++
        sum += selector.valueOf(await selector.wait())
      }
    }
    await bothIn(phase, send, select)
    expectEqual('sum', sum, sumBelow(n))
    return readyShare(ready, n)
  }
}

/** One task sends or receives, at random, and one selects between a receive and a send. */
export function selectMixed<C, R>(
  channels: Channels<C, R>,
  makeSelector: MakeMixedSelector<C>,
  phase: Phase,
): Load {
  return async (n) => {
    const outgoing = channels.channel(0)
    const incoming = channels.channel(0)
    const selector = makeSelector(outgoing, incoming)
    const choices = new Choices()
    let begun = 0
    let ready = 0
    let peerSum = 0
    let sum = 0
    const peer = async (): Promise<void> => {
      for (let i = 0; i < n; i++) {
        begun++
        if (choices.next(2) === 0) await channels.send(incoming, i)
        else peerSum += channels.valueOf(await channels.receive(outgoing)) + i
      }
    }
    const select = async (): Promise<void> => {
      for (let i = 0; i < n; i++) {
        if (begun > i) ready++
        const value = selector.valueOf(await selector.wait(i))
        // The value is the number of the step, so the sum is the same whoever sends.
        sum += value ?? 0
      }
    }
    await bothIn(phase, peer, select)
    const { received, sent } = mixedSums(n)
    expectEqual('sum received', sum, received)
    expectEqual('sum sent', peerSum, sent)
    return readyShare(ready, n)
  }
}

/** What chance makes of `n` steps: the sum that the select receives, and twice what it sends. */
export function mixedSums(n: number): { received: number; sent: number } {
  const choices = new Choices()
  let received = 0
  let sent = 0
  for (let i = 0; i < n; i++) {
    if (choices.next(2) === 0) received += i
    else sent += 2 * i
  }
  return { received, sent }
}

export async function bothIn(
  phase: Phase,
  peer: () => Promise<void>,
  select: () => Promise<void>,
): Promise<void> {
  const [first, second] = phase === 'ready' ? [peer, select] : [select, peer]
  const started = first()
  await Promise.all([started, second()])
}

export function readyShare(ready: number, n: number): Observed {
  return { readyShare: ready / n }
}

/** A load in both phases, under both names. */
export function inBothPhases(name: string, make: (phase: Phase) => Load): { [load: string]: Entry } {
  return Object.fromEntries(PHASES.map((phase) => [`${name}-${phase}`, { run: make(phase) }]))
}

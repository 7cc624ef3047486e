// The page: a connection that reconnects whenever it is lost, and a switch that makes it a slow reader.

import { type ReceiveChannel, channel, select, ticker } from 'chansel'
import { type RedialState, redial } from '@chansel/ws'
import type { Policy, Snapshot } from '../snapshot.ts'
import { Tile } from './tile.ts'

const SLOW_READS_EVERY_MS = 2_000

const tiles = new Map<string, Tile>()
let policy: Policy = 'latest'
let isSlow = false
let seen = 0
let missed = 0

/** A door bell: somebody has changed a switch. */
const changed = channel<void>(1, { overflow: 'drop-newest' })

for (const radio of document.querySelectorAll<HTMLInputElement>('[name=policy]')) {
  radio.addEventListener('change', () => {
    policy = radio.value as Policy
    changed.trySend()
  })
}
element('slow').addEventListener('change', (event) => {
  isSlow = (event.target as HTMLInputElement).checked
  changed.trySend()
})

for (;;) await watch(policy)

/** Watches until the person wants another policy. */
async function watch(wanted: Policy): Promise<void> {
  const url = new URL(`live/${wanted}`, location.href)
  await using conn = redial(url, { backoff: { maxMs: 3_000 } })
  using pace = ticker(SLOW_READS_EVERY_MS)
  const state: ReceiveChannel<RedialState> = conn.state
  let mayRead = true
  while (policy === wanted) {
    const event = await select({
      // A slow reader is one that does not receive. The network and the server's policy do the rest.
      snapshot: (!isSlow || mayRead) && conn.incoming,
      pace: isSlow && !mayRead && pace,
      state,
      changed,
    })
    if (event.case === 'snapshot' && event.ok) {
      mayRead = false
      show(JSON.parse(event.value as string) as Snapshot)
    } else if (event.case === 'pace') {
      mayRead = true
    } else if (event.case === 'state' && event.ok) {
      const { status, delayMs, error } = event.value
      element('status').dataset['status'] = status
      element('status').textContent =
        delayMs === undefined ? status : `${status} ${Math.ceil(delayMs / 1_000)} s`
      element('status').title = error instanceof Error ? error.message : ''
    }
  }
}

function show({ seq, at, machines, audience }: Snapshot): void {
  // A server that has restarted counts from 1 again.
  if (seen > 0 && seq > seen) missed += seq - seen - 1
  seen = seq
  for (const machine of machines) tileOf(machine.name).show(machine)
  element('seq').textContent = String(seq)
  element('age').textContent = `${Math.max(0, Date.now() - at)} ms`
  element('missed').textContent = String(missed)
  element('viewers').textContent = String(audience.viewers)
  element('dropped').textContent = String(audience.dropped)
  element('disconnected').textContent = String(audience.disconnected)
  element('rss').textContent = `${Math.round(audience.rssBytes / 2 ** 20)} MiB`
}

function tileOf(name: string): Tile {
  let tile = tiles.get(name)
  if (tile === undefined) {
    tiles.set(name, (tile = new Tile(name)))
    element('machines').append(tile.element)
  }
  return tile
}

function element(id: string): HTMLElement {
  return document.getElementById(id)!
}

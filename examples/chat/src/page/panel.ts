import { MAILBOX_CAPACITY, type MemberStats, type Stats } from '../protocol.ts'
import { create, find } from './dom.ts'
import { Plot } from './plot.ts'

/** If the server's numbers are older than this, the panel says how old they are. */
const FRESH_MS = 3_000

/** What the page itself counts. */
export interface Gauges {
  /** Messages so far. */
  readonly received: number
  readonly sent: number
  /** Values that wait. */
  readonly incoming: number
  readonly outbox: number
}

/** The panel on the right: what every channel between two people holds. */
export class Panel {
  readonly #rates = new Plot(find('rates', HTMLCanvasElement), legendOf('rates'))
  readonly #values = new Plot(find('values', HTMLCanvasElement), legendOf('values'))
  readonly #members = find('mailboxes', HTMLTableSectionElement)
  #stats: Stats | undefined
  #before: { gauges: Gauges; at: number } | undefined

  /** @param stats `undefined` while there is no connection */
  stats(stats: Stats | undefined): void {
    this.#stats = stats
  }

  /** To be called once a second. */
  sample(gauges: Gauges): void {
    const at = performance.now()
    const { gauges: before, at: since } = this.#before ?? { gauges, at: at - 1_000 }
    this.#before = { gauges, at }
    // A page in the background is called less often, so divide by the time that has really passed.
    const perSecond = (count: number) => Math.round((count * 1_000) / (at - since))
    const rates = [perSecond(gauges.received - before.received), perSecond(gauges.sent - before.sent)]

    const stats = this.#stats
    const members = stats?.members ?? []
    const sum = (of: (member: MemberStats) => number) =>
      members.reduce((total, member) => total + of(member), 0)
    const values = [
      gauges.outbox,
      sum(({ mailbox }) => mailbox),
      sum(({ outgoing }) => outgoing),
      gauges.incoming,
    ]

    this.#rates.add(rates)
    this.#values.add(values)
    show(['in', 'out', 'outbox', 'mailboxes', 'outgoing', 'incoming'], [...rates, ...values])
    show(['waiting'], [stats && sum(({ isWaiting }) => Number(isWaiting))])
    show(['rss'], [stats && Math.round(stats.rssBytes / 2 ** 20)])
    this.#members.replaceChildren(...members.map(row))

    // The numbers of the server wait in line like all messages: a slow page gets them late.
    const ageMs = stats ? Date.now() - stats.at : 0
    const age = find('age', HTMLElement)
    age.hidden = ageMs < FRESH_MS
    age.textContent = `Numbers from ${Math.round(ageMs / 1_000)} s ago: they wait in line, too.`
    find('what-you-see', HTMLElement).textContent = explain(stats, ageMs)
  }
}

function legendOf(id: string): HTMLElement[] {
  return [...document.querySelectorAll<HTMLElement>(`#${id}-legend > li`)]
}

function show(metrics: readonly string[], numbers: readonly (number | undefined)[]): void {
  metrics.forEach((metric, index) => {
    const output = document.querySelector(`output[data-metric="${metric}"]`)
    if (output) output.textContent = numbers[index]?.toLocaleString('en') ?? '–'
  })
}

function row({ name, mailbox, outgoing, isWaiting }: MemberStats): HTMLElement {
  const waits = isWaiting ? [create('span', { class: 'tag' }, 'waits')] : []
  return create(
    'tr',
    { 'data-member': name },
    create('th', { scope: 'row' }, create('div', {}, create('span', { class: 'name' }, name), ...waits)),
    create('td', {}, meter(name, mailbox), create('span', { 'data-metric': 'mailbox' }, String(mailbox))),
    create('td', { 'data-metric': 'outgoing' }, String(outgoing)),
  )
}

/** Not a `<meter>`: browsers do not agree on how to draw one. */
function meter(name: string, mailbox: number): HTMLElement {
  const isFull = mailbox >= MAILBOX_CAPACITY
  const element = create('span', {
    class: isFull ? 'meter full' : 'meter',
    role: 'meter',
    'aria-label': `Mailbox of ${name}`,
    'aria-valuemin': 0,
    'aria-valuemax': MAILBOX_CAPACITY,
    'aria-valuenow': mailbox,
  })
  element.style.setProperty('--fill', `${(100 * mailbox) / MAILBOX_CAPACITY}%`)
  return element
}

function explain(stats: Stats | undefined, ageMs: number): string {
  if (!stats) return 'Not connected.'
  if (ageMs >= FRESH_MS) {
    return 'You read more slowly than the others write: what the server has for you waits, and soon the room will, too.'
  }
  const full = namesOf(stats.members, ({ mailbox }) => mailbox >= MAILBOX_CAPACITY)
  const behind = namesOf(stats.members, ({ mailbox }) => mailbox > 0)
  const waiting = namesOf(stats.members, ({ isWaiting }) => isWaiting)
  if (full && waiting) {
    return `${full} reads slowly, so the mailbox is full and the room waits. ${waiting} waits for the room. Nothing is dropped.`
  }
  if (full) return `${full} reads slowly and the mailbox is full: the next line would make the room wait.`
  if (behind) return `${behind} still has lines in the mailbox to read.`
  return 'Everybody reads as fast as the others write: the channels are empty, and nobody waits.'
}

function namesOf(members: readonly MemberStats[], which: (member: MemberStats) => boolean): string {
  return members
    .filter(which)
    .map(({ name }) => name)
    .join(', ')
}

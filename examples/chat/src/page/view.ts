// Everything on the page around the conversation: rooms, people, the state of the connection.

import type { FromServer, MemberStats } from '../protocol.ts'
import { Conversation } from './conversation.ts'
import { avatar, create, find } from './dom.ts'
import type { Panel } from './panel.ts'
import type { Screen, Status } from './session.ts'

const ROOMS = ['general', 'random', 'gophers']

export class View implements Screen {
  readonly #panel: Panel
  readonly #session: string
  readonly #conversation: Conversation
  readonly #rooms = new Set(ROOMS)
  readonly #pill = find('status', HTMLElement)
  readonly #people = find('people', HTMLElement)
  #room = ''
  #shownPeople = ''
  #unread = 0

  /** @param session the id of this page's session: its lines are the person's own */
  constructor(panel: Panel, session: string) {
    this.#panel = panel
    this.#session = session
    this.#conversation = new Conversation({
      scroller: find('log', HTMLElement),
      rows: find('rows', HTMLElement),
      pending: find('pending', HTMLElement),
      latest: find('latest', HTMLElement),
      session,
    })
    document.addEventListener('visibilitychange', () => this.#countUnread(0))
  }

  enter(room: string): void {
    this.#room = room
    this.#rooms.add(room)
    find('room', HTMLElement).textContent = room
    find('text', HTMLTextAreaElement).placeholder = `Message #${room}`
    find('rooms', HTMLElement).replaceChildren(
      ...[...this.#rooms].map((name) =>
        create(
          'li',
          {},
          create(
            'a',
            { href: `#${name}`, 'data-room': name, 'aria-current': name === room ? 'page' : undefined },
            create('span', { class: 'hash', 'aria-hidden': 'true' }, '#'),
            name,
          ),
        ),
      ),
    )
    this.#conversation.clear()
    this.#showPeople([])
    this.#countUnread(0)
  }

  status(status: Status): void {
    const seconds = status.status === 'waiting' ? Math.max(1, Math.ceil(status.waitMs / 1_000)) : 0
    const isOffline = status.status === 'waiting' && !navigator.onLine
    this.#pill.dataset['status'] = isOffline ? 'offline' : status.status
    // An attempt that found no server has not ended a connection.
    if (status.status === 'waiting' && status.closeCode !== undefined) {
      this.#pill.dataset['closeCode'] = String(status.closeCode)
    }
    find('status-text', HTMLElement).textContent = {
      connecting: 'Connecting',
      connected: 'Connected',
      waiting: `${isOffline ? 'Offline, trying' : 'Reconnecting'} in ${seconds} s`,
      refused: status.status === 'refused' ? `Refused. ${status.reason}` : '',
    }[status.status]
    find('retry', HTMLElement).hidden = status.status !== 'waiting' && status.status !== 'refused'
    if (status.status === 'connected') return
    this.#showPeople([])
    this.#panel.stats(undefined)
  }

  show(message: FromServer): void {
    switch (message.type) {
      case 'welcome':
        this.#showPeople(message.members)
        break
      case 'line':
        this.#conversation.line(message)
        if (document.hidden && message.session !== this.#session) this.#countUnread(this.#unread + 1)
        break
      case 'note':
        this.#conversation.note(message)
        break
      case 'stats':
        this.#showPeople(message.members)
        this.#panel.stats(message)
        break
    }
  }

  missed(lines: number): void {
    this.#conversation.missed(lines)
  }

  pending(counter: number, text: string): void {
    this.#conversation.pending(counter, text)
  }

  confirmed(counter: number): void {
    this.#conversation.confirmed(counter)
  }

  /** The server says twice a second who is here; that is seldom news. */
  #showPeople(members: readonly MemberStats[]): void {
    const shown = members.map(({ session, name }) => `${session} ${name}`).join('\n')
    if (shown === this.#shownPeople) return
    this.#shownPeople = shown
    find('count', HTMLElement).textContent = String(members.length)
    this.#people.replaceChildren(
      ...members.map(({ name, session }) =>
        create(
          'li',
          { 'data-person': name },
          avatar(name),
          create('span', { class: 'name' }, name),
          ...(session === this.#session ? [create('span', { class: 'tag' }, 'you')] : []),
        ),
      ),
    )
  }

  #countUnread(unread: number): void {
    this.#unread = unread
    document.title = `${unread > 0 ? `(${unread}) ` : ''}#${this.#room} · Chansel chat`
  }
}

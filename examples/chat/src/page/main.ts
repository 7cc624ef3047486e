// The page: what the person does becomes a wish or a line of the session; what the session hears is shown.

import { ticker } from 'chansel'
import { isRoom, MAX_TEXT, tidyName } from '../protocol.ts'
import { find } from './dom.ts'
import { Panel } from './panel.ts'
import { Session, type Wishes } from './session.ts'
import { View } from './view.ts'

const DEFAULT_ROOM = 'general'
const SAMPLE_EVERY_MS = 1_000

const nameField = find('name', HTMLInputElement)
const textField = find('text', HTMLTextAreaElement)
const newRoomField = find('new-room', HTMLInputElement)
const slowSwitch = find('slow', HTMLInputElement)
const burstButton = find('burst', HTMLButtonElement)
const notice = find('notice', HTMLElement)

const wishes: Wishes = { room: roomOf(location.hash), name: savedName(), isSlow: false, isBursting: false }
// Not kept anywhere: two tabs are two people, even if one is a copy of the other.
const id = crypto.randomUUID()
const panel = new Panel()
const session = new Session(id, wishes, new View(panel, id))

nameField.value = wishes.name
textField.maxLength = MAX_TEXT

window.addEventListener('hashchange', () => {
  session.wish({ room: roomOf(location.hash) })
  closeDrawer()
  textField.focus()
})

onSubmit(newRoomField, () => {
  const room = newRoomField.value.trim().replace(/^#/, '').toLowerCase().replace(/\s+/g, '-')
  newRoomField.setCustomValidity(isRoom(room) ? '' : 'Letters and digits, - and _')
  if (!newRoomField.reportValidity()) return
  newRoomField.value = ''
  location.hash = room
})
newRoomField.addEventListener('input', () => newRoomField.setCustomValidity(''))

onSubmit(nameField, () => textField.focus())
nameField.addEventListener('change', () => {
  const name = tidyName(nameField.value) || wishes.name
  nameField.value = name
  localStorage.setItem('name', name)
  session.wish({ name })
})

onSubmit(textField, () => {
  const text = textField.value.trim()
  if (text === '') return
  const isTaken = session.say(text)
  notice.hidden = isTaken
  if (isTaken) textField.value = ''
})
textField.addEventListener('keydown', (event) => {
  // Not the Enter that ends the input of a Japanese word.
  if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return
  event.preventDefault()
  textField.form!.requestSubmit()
})

slowSwitch.addEventListener('change', () => session.wish({ isSlow: slowSwitch.checked }))
burstButton.addEventListener('click', () => {
  const isBursting = !wishes.isBursting
  burstButton.setAttribute('aria-pressed', String(isBursting))
  session.wish({ isBursting })
})

find('retry', HTMLButtonElement).addEventListener('click', () => session.hurry())
window.addEventListener('online', () => session.hurry())

// On a narrow screen the two columns at the sides are drawers.
const drawers = [...document.querySelectorAll<HTMLButtonElement>('button[data-drawer]')]
for (const button of drawers) button.addEventListener('click', () => openDrawer(button))
find('scrim', HTMLElement).addEventListener('click', closeDrawer)
window.addEventListener('keydown', (event) => event.key === 'Escape' && closeDrawer())

// Go's `go`: a call that nobody awaits is a task of its own.
void session.run()
void showNumbers()

async function showNumbers(): Promise<void> {
  for await (const _ of ticker(SAMPLE_EVERY_MS)) {
    const { received, sent, incoming, outbox } = session
    panel.sample({ received, sent, incoming, outbox: outbox.length })
  }
}

function openDrawer(button: HTMLButtonElement): void {
  const id = button.dataset['drawer']!
  document.body.dataset['open'] = id
  button.setAttribute('aria-expanded', 'true')
  find(id, HTMLElement).querySelector<HTMLElement>('a, input')?.focus()
}

/** Focus goes back to the button that opened it, where the person was. */
function closeDrawer(): void {
  delete document.body.dataset['open']
  const button = drawers.find(({ ariaExpanded }) => ariaExpanded === 'true')
  button?.setAttribute('aria-expanded', 'false')
  button?.focus()
}

/** The form is there so that Enter works; nothing is ever submitted. */
function onSubmit(field: HTMLInputElement | HTMLTextAreaElement, react: () => void): void {
  field.form!.addEventListener('submit', (event) => {
    event.preventDefault()
    react()
  })
}

function roomOf(hash: string): string {
  // Not decodeURIComponent: it throws for some things that a person may type there.
  const name = new URLSearchParams(`room=${hash.slice(1)}`).get('room')!.toLowerCase()
  return isRoom(name) ? name : DEFAULT_ROOM
}

/** The name of the last visit; a new one is kept, so that a reload is the same guest. */
function savedName(): string {
  const name =
    tidyName(localStorage.getItem('name') ?? '') || `guest-${100 + Math.floor(Math.random() * 900)}`
  localStorage.setItem('name', name)
  return name
}

import type { RedialState } from '@chansel/ws'
import type { Cursor } from '../protocol.ts'

const elements = new Map<string, HTMLElement>()
const template = byId('cursor') as HTMLTemplateElement

/** Everybody else: the browser draws one's own pointer. */
export function showCursors(cursors: readonly Cursor[], self: string): void {
  const others = cursors.filter(({ id }) => id !== self)
  const ids = new Set(others.map(({ id }) => id))
  for (const [id, element] of elements) {
    if (ids.has(id)) continue
    element.remove()
    elements.delete(id)
  }
  for (const cursor of others) place(elementOf(cursor), cursor)
  byId('count').textContent = others.length === 0 ? 'Nobody else is here' : `${others.length} more here`
}

export function showState({ status, delayMs }: RedialState): void {
  const state = byId('state')
  state.dataset['status'] = status
  state.textContent = delayMs === undefined ? status : `${status} ${(delayMs / 1_000).toFixed(1)} s`
}

function elementOf({ id, name, hue }: Cursor): HTMLElement {
  let element = elements.get(id)
  if (element === undefined) {
    element = template.content.firstElementChild!.cloneNode(true) as HTMLElement
    element.dataset['cursor'] = id
    element.style.setProperty('--hue', String(hue))
    element.querySelector('b')!.textContent = name
    elements.set(id, element)
    byId('space').append(element)
  }
  return element
}

function place(element: HTMLElement, { x, y, isDown }: Cursor): void {
  element.style.transform = `translate(${x * innerWidth}px, ${y * innerHeight}px)`
  element.toggleAttribute('data-down', isDown)
}

function byId(id: string): HTMLElement {
  return document.getElementById(id)!
}

/** The element with this id, which `index.html` has. */
export function find<E extends HTMLElement>(id: string, type: new () => E): E {
  const element = document.getElementById(id)
  if (element instanceof type) return element
  throw new TypeError(`Cannot find #${id}: the page has no such ${type.name}`)
}

/**
 * A new element. What a message brings can only become text or the value of an attribute here: nothing in this
 * page makes HTML from a string.
 */
export function create<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Record<string, string | number | undefined> = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined) element.setAttribute(name, String(value))
  }
  element.append(...children)
  return element
}

/** A circle with the initials of a name, in the colour of that name. */
export function avatar(name: string): HTMLElement {
  const initials = name
    .split(/[\s_-]+/)
    .slice(0, 2)
    .map((word) => /./u.exec(word)?.[0] ?? '')
    .join('')
  const element = create('span', { class: 'avatar', 'aria-hidden': 'true' }, initials.toUpperCase())
  element.style.setProperty('--hue', String(hueOf(name)))
  return element
}

function hueOf(name: string): number {
  let hash = 0
  for (const character of name) hash = (hash * 31 + character.codePointAt(0)!) % 360
  return hash
}

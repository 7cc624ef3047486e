/** A new element. Text is only ever text here: nothing in this page makes HTML of a string. */
export function create<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Record<string, string | number | undefined> = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag)
  setAll(element, attributes)
  element.append(...children)
  return element
}

/** The same for a drawing. */
export function draw<K extends keyof SVGElementTagNameMap>(
  tag: K,
  attributes: Record<string, string | number | undefined> = {},
  ...children: (Node | string)[]
): SVGElementTagNameMap[K] {
  const element = document.createElementNS('http://www.w3.org/2000/svg', tag)
  setAll(element, attributes)
  element.append(...children)
  return element
}

/** The element with this id, which `index.html` has. */
export function find<E extends HTMLElement>(id: string, type: new () => E): E {
  const element = document.getElementById(id)
  if (element instanceof type) return element
  throw new TypeError(`Cannot find #${id}: the page has no such ${type.name}`)
}

/** Changes the text only if it is different: a frame in which nothing happened costs the browser nothing. */
export function setText(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text
}

/** The same for a data attribute; `undefined` removes it. */
export function setData(element: HTMLElement, name: string, value: string | number | undefined): void {
  if (value === undefined) delete element.dataset[name]
  else if (element.dataset[name] !== String(value)) element.dataset[name] = String(value)
}

function setAll(element: Element, attributes: Record<string, string | number | undefined>): void {
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined) element.setAttribute(name, String(value))
  }
}

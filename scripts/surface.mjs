// The public surface of an entry point, read from its declarations: each exported name as it is declared, and the names
// that are not exported but show in them. In alphabetical order and without docs, so that only a change of the surface
// changes the text.
//
// What a user cannot name is left out: private members, and those whose key is a symbol of the library.

import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { parseSync } from 'rolldown/utils'

/**
 * @typedef {any} Node of the syntax tree
 * @typedef {{ from: string | undefined, name: string }} Origin a name in a module, or in this one
 * @typedef {object} Module
 * @property {string} path
 * @property {string} source
 * @property {{ start: number, end: number }[]} comments
 * @property {Map<string, Origin>} imports
 * @property {Map<string, Origin>} exports
 * @property {Map<string, Node[]>} declarations several for overloads
 * @typedef {{ module: Module, name: string }} Place
 */

/**
 * @param {string} path of the entry's declarations
 * @returns {string} Markdown
 */
export function surfaceOf(path) {
  const modules = new Modules()
  const entry = modules.at(path)
  /** @type {Map<string, string>} */
  const exported = new Map()
  /** @type {Map<string, string>} */
  const hidden = new Map()
  /** @type {Set<string>} */
  const shown = new Set()
  /** @type {Place[]} */
  const seen = []
  for (const [name, origin] of entry.exports) {
    const place = modules.find(entry, origin)
    if (typeof place === 'string') exported.set(name, `export { ${name} } from '${place}'`)
    else show(place, name, exported)
  }
  for (let place = seen.pop(); place !== undefined; place = seen.pop()) show(place, place.name, hidden)
  if (hidden.size === 0) return block(exported)
  return `${block(exported)}\nSeen through these, and not exported:\n\n${block(hidden)}`

  /**
   * @param {Place} place
   * @param {string} name what it is called here
   * @param {Map<string, string>} list
   */
  function show(place, name, list) {
    const key = `${place.module.path} ${place.name}`
    if (shown.has(key)) return
    shown.add(key)
    const nodes = place.module.declarations.get(place.name) ?? []
    list.set(name, nodes.map((node) => print(place.module, node)).join('\n'))
    for (const reference of nodes.flatMap(references)) {
      const target = modules.find(place.module, { from: undefined, name: reference })
      if (typeof target !== 'string' && target.module.declarations.has(target.name)) seen.push(target)
    }
  }
}

class Modules {
  /** @type {Map<string, Module>} */
  #modules = new Map()

  /** @param {string} path */
  at(path) {
    let module = this.#modules.get(path)
    if (module === undefined) this.#modules.set(path, (module = readModule(path)))
    return module
  }

  /**
   * Where a name is declared; a string is the package that has it.
   *
   * @param {Module} module
   * @param {Origin} origin
   * @returns {Place | string}
   */
  find(module, { from, name }) {
    if (from !== undefined && !from.startsWith('.')) return from
    const target =
      from === undefined ? module : this.at(join(dirname(module.path), from.replace(/\.ts$/, '.d.ts')))
    if (target.declarations.has(name)) return { module: target, name }
    const next = (from === undefined ? undefined : target.exports.get(name)) ?? target.imports.get(name)
    return next === undefined ? { module: target, name } : this.find(target, next)
  }
}

/**
 * @param {string} path
 * @returns {Module}
 */
function readModule(path) {
  const source = readFileSync(path, 'utf8')
  const { program, comments, errors } = parseSync(path, source, { lang: 'dts', sourceType: 'module' })
  if (errors.length > 0) throw new Error(`Cannot read ${path}: ${errors[0]?.message}`)
  /** @type {Module} */
  const module = { path, source, comments, imports: new Map(), exports: new Map(), declarations: new Map() }
  for (const node of /** @type {Node[]} */ (program.body)) {
    if (node.type === 'ImportDeclaration') {
      for (const { local, imported } of node.specifiers)
        module.imports.set(local.name, { from: node.source.value, name: imported?.name ?? 'default' })
    } else if (node.type === 'ExportAllDeclaration') {
      throw new Error(`Cannot read ${path}: an entry names what it exports`)
    } else {
      for (const { local, exported } of node.specifiers ?? [])
        module.exports.set(exported.name, { from: node.source?.value, name: local.name })
      const declaration = node.declaration ?? (node.type.startsWith('Export') ? null : node)
      for (const name of namesOf(declaration)) {
        module.declarations.set(name, [...(module.declarations.get(name) ?? []), declaration])
        if (node.type.startsWith('Export')) module.exports.set(name, { from: undefined, name })
      }
    }
  }
  return module
}

/** @param {Node} declaration */
function namesOf(declaration) {
  if (!declaration) return []
  if (declaration.type === 'VariableDeclaration')
    return declaration.declarations.map((/** @type {Node} */ { id }) => id.name)
  return declaration.id ? [declaration.id.name] : []
}

/**
 * @param {Module} module
 * @param {Node} node
 */
function print({ source, comments }, node) {
  const cuts = [...comments, ...unnameable(node)]
    .filter(({ start, end }) => start >= node.start && end <= node.end)
    .sort((a, b) => a.start - b.start)
  let text = ''
  let at = node.start
  for (const { start, end } of cuts) {
    if (start > at) text += source.slice(at, start)
    at = Math.max(at, end)
  }
  text += source.slice(at, node.end)
  const lines = text.split('\n').filter((line) => line.trim() !== '')
  return lines
    .join('\n')
    .replace(/^declare /, '')
    .replace(/\{\s*\}$/, '{}')
}

/**
 * @param {Node} node
 * @returns {Node[]} the members of a class or an interface that nobody outside can name
 */
function unnameable(node) {
  const members = node.body?.body
  return Array.isArray(members) ? members.filter(isUnnameable) : []
}

/** @param {Node} member */
function isUnnameable({ key, computed, accessibility }) {
  return (
    key?.type === 'PrivateIdentifier' ||
    accessibility === 'private' ||
    (computed === true && key?.type === 'Identifier')
  )
}

/**
 * @param {Node} node
 * @returns {string[]} the names that its types refer to
 */
function references(node) {
  if (typeof node !== 'object' || node === null) return []
  if (Array.isArray(node)) return node.flatMap(references)
  if (isUnnameable(node)) return []
  const named =
    node.typeName ?? node.exprName ?? (HERITAGE.has(node.type) ? node.expression : node.superClass)
  const own = named ? [rootOf(named)] : []
  return [...own, ...Object.values(node).flatMap(references)]
}

const HERITAGE = new Set(['TSClassImplements', 'TSInterfaceHeritage'])

/** @param {Node} name */
function rootOf(name) {
  let root = name
  while (root.left ?? root.object) root = root.left ?? root.object
  return root.name
}

/** @param {Map<string, string>} declarations */
function block(declarations) {
  const sorted = [...declarations].sort(([a], [b]) => (a < b ? -1 : 1))
  return `\`\`\`ts\n${sorted.map(([, text]) => text).join('\n\n')}\n\`\`\`\n`
}

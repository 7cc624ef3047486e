// The reference: a page for every export of every entry point of both packages, made from its docstring.

import { existsSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { Application, PageEvent } from 'typedoc'
import { root } from '../scripts/markdown.mjs'
import { addressOf, generated } from './pages.mjs'

const out = `${root}${generated}/api`
const sidebar = `${root}${generated}/api.json`

/** Every entry point of the published packages: its name, and the file behind it. */
function entries() {
  return readdirSync(`${root}packages`).flatMap((folder) => {
    const { name, exports } = JSON.parse(readFileSync(`${root}packages/${folder}/package.json`, 'utf8'))
    return Object.entries(exports).flatMap(([path, { '@chansel/source': source }]) =>
      source === undefined
        ? []
        : [{ name: name + path.slice(1), file: `packages/${folder}/${source.slice(2)}` }],
    )
  })
}

/** Writes the pages and their sidebar. */
export async function writeReference() {
  const modules = entries()
  rmSync(out, { recursive: true, force: true })
  const options = {
    plugin: ['typedoc-plugin-markdown'],
    tsconfig: `${root}site/tsconfig.reference.json`,
    entryPoints: modules.map(({ file }) => root + file),
    name: 'Reference',
    basePath: root,
    out,
    readme: 'none',
    logLevel: 'Warn',
    disableSources: true,
    githubPages: false,
    excludeExternals: true,
    excludeInternal: true,
    sort: ['source-order'],
    groupOrder: ['Functions', 'Classes', 'Interfaces', 'Variables', 'Type Aliases'],
    validation: { notExported: false },
    treatValidationWarningsAsErrors: true,
    // Options of the plugin:
    router: 'member',
    entryFileName: 'index',
    hideBreadcrumbs: true,
    hidePageHeader: true,
    useCodeBlocks: true,
    expandParameters: true,
    parametersFormat: 'table',
    indexFormat: 'table',
    pageTitleTemplates: { index: 'Reference', module: '{name}', member: '{name}' },
  }
  // The type does not know the options of the plugin.
  const given = /** @type {Parameters<typeof Application.bootstrapWithPlugins>[0]} */ (options)
  const app = await Application.bootstrapWithPlugins(given)
  /** @type {Map<unknown, string>} the address of what has a page */
  const pages = new Map()
  app.renderer.on(PageEvent.END, (page) => {
    page.contents = polished(page.contents ?? '')
    pages.set(page.model, `/${addressOf(`api/${page.url}`)}`)
  })
  const project = await app.convert()
  if (!project) throw new Error('Cannot write the reference: the sources do not compile')
  for (const module of project.children ?? []) {
    // TypeDoc calls a module after its file.
    const { name } = modules.find(({ file }) => file.replace(/(?:\/index)?\.ts$/, '') === module.name) ?? {}
    if (name === undefined) throw new Error(`Cannot write the reference: ${module.name} is no entry`)
    module.name = name
  }
  await app.generateOutputs(project)
  if (app.logger.hasErrors() || app.logger.hasWarnings())
    throw new Error('Cannot write the reference: see above')

  const items = modules.map(({ name }) => {
    const module = project.children?.find((child) => child.name === name)
    const exports = module?.groups?.flatMap((group) => group.children) ?? []
    return {
      text: name,
      collapsed: name !== 'chansel',
      link: pages.get(module),
      items: exports.map((child) => ({ text: child.name, link: pages.get(child) })),
    }
  })
  writeFileSync(sidebar, JSON.stringify(items, null, 2))
}

/**
 * The fixed lines of a docstring (`Cancellation:` and its kin) each in a paragraph of its own.
 *
 * @param {string} contents
 */
function polished(contents) {
  return contents.replace(/^(Cancellation|Fairness|Closing|Source):/gm, '\n**$1:**')
}

/** The sidebar of the reference; empty until it is written. */
export function referenceSidebar() {
  return existsSync(sidebar) ? JSON.parse(readFileSync(sidebar, 'utf8')) : []
}

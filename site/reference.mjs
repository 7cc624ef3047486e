// The reference: a page for every export of every entry of both packages, made from its docstring.

import { existsSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { Application, PageEvent } from 'typedoc'
import { root } from '../scripts/markdown.mjs'
import { addressOf, generated } from './pages.mjs'

const out = `${root}${generated}/api`
const navigation = `${root}${generated}/api.json`

/** Every entry of the published packages: its name, and the file behind it. */
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

/** Writes the pages and their sidebar, anew. */
export async function writeReference() {
  const modules = entries()
  rmSync(out, { recursive: true, force: true })
  /** @type {import('typedoc').TypeDocOptions & import('typedoc-plugin-markdown').PluginOptions} */
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
    // Of the plugin:
    router: 'member',
    navigationJson: navigation,
    entryFileName: 'index',
    hideBreadcrumbs: true,
    hidePageHeader: true,
    useCodeBlocks: true,
    expandParameters: true,
    parametersFormat: 'table',
    pageTitleTemplates: { index: 'Reference', module: '{name}', member: '{name}' },
  }
  const app = await Application.bootstrapWithPlugins(options)
  app.renderer.on(PageEvent.END, (page) => {
    page.contents = polished(page.contents ?? '')
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
}

/**
 * The fixed lines of a docstring (`Cancellation:` and its kin) each in a paragraph of its own.
 *
 * @param {string} contents
 */
function polished(contents) {
  return contents.replace(/^(Cancellation|Fairness|Closing|Source):/gm, '\n**$1:**')
}

/** The sidebar of the reference; empty as long as it was not written. */
export function referenceSidebar() {
  if (!existsSync(navigation)) return []
  /** @typedef {{ title: string, path: string, children: Item[] }} Item */
  /** @type {Item[]} */
  const modules = JSON.parse(readFileSync(navigation, 'utf8'))
  const place = (/** @type {{ title: string }} */ { title }) =>
    entries().findIndex(({ name }) => name === title)
  modules.sort((a, b) => place(a) - place(b))
  return modules.map((module) => ({
    text: module.title,
    collapsed: module.title !== 'chansel',
    link: `/${addressOf(`api/${module.path}`)}`,
    items: module.children.flatMap((group) =>
      group.children.map(({ title, path }) => ({ text: title, link: `/${addressOf(`api/${path}`)}` })),
    ),
  }))
}

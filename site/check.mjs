// The last step of a build: every link on every page that was made leads to a page, and to a place on it.

import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { posix } from 'node:path'

/**
 * @param {string} outDir of the site
 * @param {string} base of the site
 */
export function checkSite(outDir, base) {
  const files = readdirSync(outDir, { recursive: true, encoding: 'utf8' }).filter((path) =>
    path.endsWith('.html'),
  )
  /** @type {Map<string, string>} */
  const texts = new Map(files.map((file) => [file, readFileSync(`${outDir}/${file}`, 'utf8')]))
  const broken = [...texts].flatMap(([file, text]) =>
    [...new Set([...text.matchAll(/<a [^>]*?href="([^"]+)"/g)].map(([, href = '']) => href))]
      .filter((href) => !/^[a-z]+:/.test(href))
      .flatMap((href) => whyBroken(file, href).map((why) => `${file}: ${href}: ${why}`)),
  )

  /**
   * @param {string} from
   * @param {string} href
   */
  function whyBroken(from, href) {
    const { pathname, hash } = new URL(href, `http://site${base}${from}`)
    if (!pathname.startsWith(base)) return ['leaves the site']
    const path = decodeURI(pathname.slice(base.length))
    const file = posix.normalize(path === '' || path.endsWith('/') ? `${path}index.html` : path)
    const text = texts.get(file)
    if (text === undefined) return existsSync(`${outDir}/${file}`) ? [] : ['there is no such page']
    const id = decodeURIComponent(hash.slice(1))
    return id === '' || text.includes(`id="${id}"`) ? [] : ['there is no such place on the page']
  }

  if (broken.length > 0) throw new Error(`Cannot publish the site, links lead nowhere:\n${broken.join('\n')}`)
  console.log(`${files.length} pages, all links lead somewhere`)
}

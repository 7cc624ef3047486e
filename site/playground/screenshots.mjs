// node site/playground/screenshots.mjs: makes the pictures of the playground that the docs have, docs/images/playground-*.

import { mkdir, mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { chromium } from 'playwright-core'
import { chromiumFlags, findChromium } from '../../scripts/chromium.mjs'
import { buildPlayground } from './build.mjs'

const images = fileURLToPath(new URL('../../docs/images/', import.meta.url))
/** How many steps there are from the start to the picture. */
const SCENES = { rendezvous: 26, buffer: 44, overflow: 40, select: 22, context: 17, pool: 60, websocket: 60 }
const MOST_BYTES = 60 * 1_024

const executablePath = findChromium()
if (!executablePath) throw new Error('Cannot take pictures: no Chromium (CHROMIUM_PATH, /usr/bin/chromium)')
const folder = await mkdtemp(join(tmpdir(), 'chansel-playground-'))
await buildPlayground(folder)
await mkdir(images, { recursive: true })
const browser = await chromium.launch({ executablePath, args: chromiumFlags })
try {
  for (const colorScheme of /** @type {const} */ (['light', 'dark'])) {
    const page = await browser.newPage({
      colorScheme,
      deviceScaleFactor: 1.25,
      reducedMotion: 'reduce',
      viewport: { width: 1_280, height: 900 },
    })
    for (const [scene, steps] of Object.entries(SCENES)) await picture(page, scene, steps, colorScheme)
    await page.close()
  }
} finally {
  await browser.close()
  await rm(folder, { recursive: true })
}

/**
 * @param {import('playwright-core').Page} page
 * @param {string} scene
 * @param {number} steps
 * @param {string} scheme
 */
async function picture(page, scene, steps, scheme) {
  await page.goto('about:blank')
  await page.goto(`${pathToFileURL(join(folder, 'index.html')).href}#${scene}`)
  await page.getByRole('button', { name: 'Pause' }).click()
  await page.getByRole('button', { name: 'Restart' }).click()
  await page.evaluate(async (count) => {
    for (let i = 0; i < count; i++) {
      document.getElementById('step')?.click()
      await new Promise((resolve) => requestAnimationFrame(resolve))
    }
  }, steps)
  const path = join(images, `playground-${scene}-${scheme}.png`)
  await page.locator('#stage').screenshot({ path })
  const { size } = await stat(path)
  if (size > MOST_BYTES)
    throw new Error(`Cannot keep ${path}: it has ${size} bytes, at most ${MOST_BYTES} are wanted`)
  console.log(`${path}  ${size} bytes`)
}

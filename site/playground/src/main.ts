// The page: which scene plays, frame by frame. The clock has to be loaded first.
import './clock.ts'
import { create, find } from './dom.ts'
import { Transport } from './panel/transport.ts'
import { Player } from './player.ts'
import { scenes } from './scenes/index.ts'

/** A page that was in the background goes on where it was. */
const LONGEST_FRAME_MS = 100

const transport = new Transport()
let player = new Player(sceneOf(location.hash))

find('scenes', HTMLElement).replaceChildren(
  ...scenes.map(({ id, title }) => create('li', {}, create('a', { href: `#${id}` }, title))),
)
markScene()

window.addEventListener('hashchange', () => {
  player.stop()
  player = new Player(sceneOf(location.hash))
  markScene()
})
find('restart', HTMLButtonElement).addEventListener('click', () => player.restart())

/** For the console: the channels of the program that runs. */
Object.defineProperty(globalThis, 'channels', { get: () => player.channels })

let last: number | undefined
function frame(now: number): void {
  const ms = Math.min(now - (last ?? now), LONGEST_FRAME_MS)
  last = now
  player.draw(ms)
  transport.advance(ms)
  requestAnimationFrame(frame)
}
requestAnimationFrame(frame)

function sceneOf(hash: string) {
  return scenes.find(({ id }) => `#${id}` === hash) ?? scenes[0]
}

function markScene(): void {
  const { id } = sceneOf(location.hash)
  for (const link of find('scenes', HTMLElement).querySelectorAll('a')) {
    if (link.hash !== `#${id}`) {
      link.removeAttribute('aria-current')
      continue
    }
    link.setAttribute('aria-current', 'page')
    link.scrollIntoView({ block: 'nearest', inline: 'center' })
  }
}

import { create, find, setText } from './dom.ts'
import { ActionPanel } from './panel/actions.ts'
import { CodePanel } from './panel/code.ts'
import { controlFields } from './panel/controls.ts'
import { ReadoutPanel } from './panel/readouts.ts'
import { WaitingPanel } from './panel/waiting.ts'
import { type Play, type Scene, Settings } from './scene.ts'
import { Stage } from './stage/stage.ts'
import { lookAtWaits } from './waits.ts'

/** A scene on the page: its words and controls, and the program that runs, one at a time. */
export class Player {
  readonly #waiting = new WaitingPanel(find('waiting', HTMLTableSectionElement))
  readonly #settings: Settings
  readonly #scene: Scene
  readonly #code: CodePanel
  #play!: Play
  #stage!: Stage
  #readouts!: ReadoutPanel
  #actions!: ActionPanel

  constructor(scene: Scene) {
    this.#scene = scene
    this.#settings = new Settings(scene.controls)
    this.#code = new CodePanel(scene.code)
    document.title = `${scene.title} · Chansel playground`
    setText(find('title', HTMLHeadingElement), scene.title)
    setText(find('lead', HTMLElement), scene.lead)
    find('tries', HTMLElement).replaceChildren(...scene.tries.map((text) => create('li', {}, text)))
    setText(find('for-console', HTMLElement), scene.forConsole)
    find('code', HTMLElement).replaceChildren(this.#code.element)
    const fields = controlFields(scene.controls, this.#settings, ({ restarts }) => {
      if (restarts) this.restart()
      else this.#play.update()
    })
    find('controls', HTMLElement).replaceChildren(...fields)
    this.#start()
  }

  get channels(): Play['channels'] {
    return this.#play.channels
  }

  restart(): void {
    this.stop()
    this.#start()
    say('Started anew')
  }

  stop(): void {
    this.#play.stop()
    this.#stage.leave()
    say('')
  }

  /** @param ms since the last time, on the wall clock */
  draw(ms: number): void {
    this.#play.update()
    const waits = lookAtWaits()
    this.#stage.draw(ms)
    this.#readouts.update()
    this.#actions.update()
    this.#code.update(waits)
    this.#waiting.update(waits)
  }

  #start(): void {
    this.#play = this.#scene.start(this.#settings)
    this.#stage = new Stage(find('stage', HTMLElement), this.#play)
    this.#readouts = new ReadoutPanel(this.#play.readouts)
    this.#actions = new ActionPanel(this.#play.actions, say)
    find('readouts', HTMLElement).replaceChildren(...this.#readouts.elements)
    find('actions', HTMLElement).replaceChildren(...this.#actions.elements)
  }
}

/** In a place that is read out when it changes. */
function say(text: string): void {
  setText(find('said', HTMLElement), text)
}

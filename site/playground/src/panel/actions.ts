import { create } from '../dom.ts'
import type { Action } from '../scene.ts'

/** Buttons for what can be done to the program. */
export class ActionPanel {
  readonly elements: readonly HTMLButtonElement[]
  readonly #actions: readonly Action[]

  /** @param say tells people who do not see the picture, too */
  constructor(actions: readonly Action[], say: (text: string) => void) {
    this.#actions = actions
    this.elements = actions.map((action) => {
      const button = create('button', { type: 'button' }, action.label)
      button.addEventListener('click', () => {
        // A second click can come before the button shows as disabled.
        if (!action.can()) return
        action.run()
        say(action.said)
      })
      return button
    })
  }

  update(): void {
    this.#actions.forEach((action, index) => (this.elements[index]!.disabled = !action.can()))
  }
}

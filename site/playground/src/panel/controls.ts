import { create, setText } from '../dom.ts'
import type { ChoiceControl, Control, RangeControl, Settings, SwitchControl } from '../scene.ts'

/** The controls of a scene, each a labelled field that the keyboard works, too. */
export function controlFields(
  controls: readonly Control[],
  settings: Settings,
  changed: (control: Control) => void,
): HTMLElement[] {
  return controls.map((control) => {
    const set = (value: number | string | boolean) => {
      settings.set(control.id, value)
      changed(control)
    }
    switch (control.kind) {
      case 'range':
        return rangeField(control, settings.number(control.id), set)
      case 'choice':
        return choiceField(control, settings.choice(control.id), set)
      case 'switch':
        return switchField(control, settings.isOn(control.id), set)
    }
  })
}

function rangeField(control: RangeControl, value: number, set: (value: number) => void): HTMLElement {
  const { id, label, min, max, step = 1, text = String } = control
  const field = create('input', { type: 'range', id: `control-${id}`, min, max, step, value })
  const shown = create('output', { for: `control-${id}` }, text(value))
  field.setAttribute('aria-valuetext', text(value))
  field.addEventListener('input', () => {
    setText(shown, text(field.valueAsNumber))
    field.setAttribute('aria-valuetext', text(field.valueAsNumber))
    set(field.valueAsNumber)
  })
  return create('div', { class: 'field' }, create('label', { for: `control-${id}` }, label), shown, field)
}

function choiceField(control: ChoiceControl, value: string, set: (value: string) => void): HTMLElement {
  const { id, label, options } = control
  const radios = options.map((option) => {
    const radio = create('input', { type: 'radio', name: `control-${id}`, value: option })
    radio.checked = option === value
    radio.addEventListener('change', () => set(option))
    return create('label', {}, radio, create('span', {}, option))
  })
  const group = create('div', { class: 'choice', role: 'radiogroup', 'aria-label': label }, ...radios)
  return create('div', { class: 'field' }, create('span', {}, label), group)
}

function switchField(
  { id, label }: SwitchControl,
  value: boolean,
  set: (value: boolean) => void,
): HTMLElement {
  const field = create('input', { type: 'checkbox', role: 'switch', id: `control-${id}` })
  field.checked = value
  field.addEventListener('change', () => set(field.checked))
  return create('div', { class: 'field switch' }, create('label', { for: `control-${id}` }, label), field)
}

import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { DiagnosticEvents } from '@chansel/ws'
import { onTestFinished } from 'vitest'

/** What was published on one channel, typed by its name. */
export type Heard = {
  [Name in keyof DiagnosticEvents]: { readonly name: Name; readonly event: DiagnosticEvents[Name] }
}[keyof DiagnosticEvents]

const NAMES = Object.keys({
  'chansel:ws:connection:opened': 1,
  'chansel:ws:connection:refused': 1,
  'chansel:ws:connection:closed': 1,
  'chansel:ws:message:received': 1,
  'chansel:ws:message:sent': 1,
  'chansel:ws:send:waiting': 1,
  'chansel:ws:send:waited': 1,
  'chansel:ws:reading:paused': 1,
  'chansel:ws:reading:resumed': 1,
  'chansel:ws:heartbeat:pinged': 1,
  'chansel:ws:heartbeat:answered': 1,
  'chansel:ws:heartbeat:expired': 1,
} satisfies Record<keyof DiagnosticEvents, 1>) as (keyof DiagnosticEvents)[]

/** Subscribes to a channel until the test is over. */
export function onEvent<Name extends keyof DiagnosticEvents>(
  name: Name,
  told: (event: DiagnosticEvents[Name]) => void,
): void {
  const listener = (event: unknown): void => told(event as DiagnosticEvents[Name])
  subscribe(name, listener)
  onTestFinished(() => void unsubscribe(name, listener))
}

/** All that is published from now on until the test is over, in order. */
export function hearing(): Heard[] {
  const heard: Heard[] = []
  for (const name of NAMES) onEvent(name, (event) => heard.push({ name, event } as Heard))
  return heard
}

/** The last parts of the names of what was heard about a connection. */
export function namesOf(heard: readonly Heard[], connection: object): string[] {
  return heard
    .filter(({ event }) => 'connection' in event && event.connection === connection)
    .map(({ name }) => name.split(':').at(-1)!)
}

/** The events of one channel. */
export function eventsOf<Name extends keyof DiagnosticEvents>(
  heard: readonly Heard[],
  wanted: Name,
): DiagnosticEvents[Name][] {
  return heard.flatMap(({ name, event }) => (name === wanted ? [event as DiagnosticEvents[Name]] : []))
}

import alarms from './alarms.mjs'
import cancellation from './cancellation.mjs'
import channel from './channel.mjs'
import check from './check.mjs'
import choice from './choice.mjs'
import close from './close.mjs'
import contextNode from './context-node.mjs'
import context from './context.mjs'
import deadline from './deadline.mjs'
import device from './device.mjs'
import errors from './errors.mjs'
import foreign from './foreign.mjs'
import group from './group.mjs'
import inspect from './inspect.mjs'
import interop from './interop.mjs'
import operation from './operation.mjs'
import pipeline from './pipeline.mjs'
import readChannel from './read-channel.mjs'
import ring from './ring.mjs'
import runtime from './runtime.mjs'
import select from './select.mjs'
import selector from './selector.mjs'
import sync from './sync.mjs'
import testing from './testing.mjs'
import time from './time.mjs'
import tsChan from './ts-chan.mjs'
import turns from './turns.mjs'
import views from './views.mjs'
import waiter from './waiter.mjs'

/** Bugs to be planted in the sources of `chansel`, each of which the tests of `packages/core` must catch. */
export const mutants = [
  ...channel,
  ...close,
  ...select,
  ...choice,
  ...selector,
  ...waiter,
  ...operation,
  ...runtime,
  ...turns,
  ...ring,
  ...cancellation,
  ...deadline,
  ...foreign,
  ...contextNode,
  ...context,
  ...time,
  ...alarms,
  ...group,
  ...sync,
  ...device,
  ...views,
  ...readChannel,
  ...check,
  ...inspect,
  ...interop,
  ...tsChan,
  ...errors,
  ...pipeline,
  ...testing,
]

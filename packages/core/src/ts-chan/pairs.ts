/**
 * Which channel of ours stands for which of ts-chan's, so that there and back is the same channel, and two adapters
 * of one channel are one.
 */
export const oursOf: WeakMap<object, object> = /* @__PURE__ */ new WeakMap()
export const theirsOf: WeakMap<object, object> = /* @__PURE__ */ new WeakMap()

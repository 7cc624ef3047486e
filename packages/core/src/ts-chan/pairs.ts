/**
 * Which channel of ours stands for which of ts-chan's: so a channel that goes there and back is the same one, and a
 * channel has one adapter however often it is adapted.
 */
export const oursOf: WeakMap<object, object> = /* @__PURE__ */ new WeakMap()
export const theirsOf: WeakMap<object, object> = /* @__PURE__ */ new WeakMap()

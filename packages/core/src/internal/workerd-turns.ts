/*
 * In Cloudflare Workers each timer belongs to the request that set it, and is gone with it. A turn that others wait
 * for would be lost, so nobody yields: how long a request may compute is limited by the platform.
 */

export const BUDGET: number = Infinity

export const nextTurn: (callback: () => void) => void = (callback) => void setTimeout(callback)

/*
 * In Cloudflare Workers each timer belongs to the request that set it, and is gone with it; while a Worker starts there
 * is none. A turn that others wait for would be lost, so nobody yields but who asks for it: how long a request may
 * compute is limited by the platform.
 */

export const BUDGET: number = Infinity

export const nextTurn: (callback: () => void) => void = (callback) => void setTimeout(callback)

// What `npm run chaos` starts, bundled: the arguments are those of `runChaos`, as JSON.

import { type ChaosOptions, runChaos } from './run.ts'

const MIB = 2 ** 20
/** What a process with such a life keeps that is not a leak: compiled code, Node's caches. */
const SLACK_BYTES = 8 * MIB

const { folder, ...options } = JSON.parse(process.argv[2]!) as Omit<ChaosOptions, 'folder'> & {
  folder: string
}
const report = await runChaos({
  ...options,
  folder: new URL(folder),
  progress: ({ connections, refused, heapMb }) =>
    console.log(`${connections} connections, ${refused} refused, ${heapMb.toFixed(1)} MiB`),
})
const { counted, lost, outOfOrder, cut, faults, connectionsLeft, handlesLeft, memory, mostConnections } =
  report
console.log(JSON.stringify(report, undefined, 2))
const wrong = [
  counted === 0 && 'nobody counted',
  mostConnections < options.unruly && `no more than ${mostConnections} connections were open at once`,
  lost > 0 && `${lost} messages of the clients that count are lost`,
  outOfOrder > 0 && `${outOfOrder} clients saw messages in another order`,
  cut > 0 && `${cut} clients that count were cut`,
  faults.length > 0 && `${faults.length} handlers failed: ${String(faults[0])}`,
  connectionsLeft > 0 && `${connectionsLeft} connections are left`,
  handlesLeft.length > 0 && `handles are left: ${handlesLeft.join(', ')}`,
  memory.after > memory.before + SLACK_BYTES &&
    `${((memory.after - memory.before) / MIB).toFixed(1)} MiB did not come back`,
].filter((what) => what !== false)
for (const what of wrong) console.error(what)
console.log(
  wrong.length === 0 ? 'All is well.' : `${wrong.length} things are wrong; the seed was ${options.seed}.`,
)
process.exitCode = wrong.length === 0 ? 0 : 1

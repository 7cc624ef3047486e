import { background } from 'chansel'
import { workFor } from '../src/work.ts'
import { hesitate } from './hesitate.ts'

await workFor(process.argv[2]!, hesitate, background()).catch(() => process.exit(1))

import { type RolldownBuild, type RolldownOptions, rolldown } from 'rolldown'

/** A program of the sources as one file, for a process of its own. */
export function bundled(input: string, options: RolldownOptions = {}): Promise<RolldownBuild> {
  return rolldown({
    input,
    resolve: { conditionNames: ['@chansel/source', 'import'] },
    // For `using`, which Node 20 does not know.
    transform: { target: 'node20' },
    ...options,
  })
}

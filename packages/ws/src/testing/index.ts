export { type PipeOptions, cut, pipe } from './pipe.ts'

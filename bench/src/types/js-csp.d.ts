// What the loads use of js-csp, which has no types of its own. Its instructions are yielded in a process.
declare module 'js-csp' {
  export interface Chan {
    close(): void
  }
  export interface Instruction {
    readonly instruction: never
  }
  const csp: {
    chan(capacity?: number): Chan
    go(process: () => Generator<Instruction, void, any>): Chan
    put(ch: Chan, value: unknown): Instruction
    take(ch: Chan): Instruction
    alts(operations: readonly (Chan | [Chan, unknown])[]): Instruction
    offer(ch: Chan, value: unknown): boolean
    poll(ch: Chan): unknown
    readonly NO_VALUE: unknown
  }
  export default csp
}

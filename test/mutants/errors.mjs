import { inFile } from './mutant.mjs'

export default inFile('errors.ts', [
  ['C30', 'an error without its code is none', 'return prototype.isPrototypeOf(error)', 'return false'],
  [
    'J18',
    'what throws when it is looked at throws from instanceof',
    '  } catch {\n    return false\n  }\n}\n\n/**\n * Whether `error` is an object',
    '  } finally {\n  }\n}\n\n/**\n * Whether `error` is an object',
  ],
  ['J18 C30', 'a ClosedChannelError of another copy is none', '(this === ClosedChannelError &&', '(false &&'],
  [
    'J18 X27',
    'a CanceledError of another copy is none',
    "(this === CanceledError && has(error, 'code', 'ERR_CANCELED')) || ",
    '',
  ],
  [
    'C30',
    'an instance of a subclass is one of every subclass',
    '(this === ClosedChannelError &&',
    '(true &&',
  ],
  ['X27', 'an AbortError is no cancel', " || has(error, 'name', 'AbortError')", ''],
  ['X27', 'a TimeoutError is no deadline', " || has(error, 'name', 'TimeoutError')", ''],
  [
    'C30',
    'a late close says that it was a send',
    '    this.operation = operation\n',
    "    this.operation = 'send'\n",
  ],
  [
    'C30',
    'an error of a channel does not name it',
    "name === undefined ? 'channel' : `channel ${JSON.stringify(name)}`",
    "'channel'",
  ],
  [
    'C30 R5',
    'an error with the cause null has none',
    "super('Cannot continue: context canceled', cause === undefined ? undefined",
    "super('Cannot continue: context canceled', cause == null ? undefined",
  ],
  [
    'C30',
    'a ClosedChannelError without a cause has an undefined one',
    '      cause === undefined ? undefined : { cause },\n    )\n    this.operation',
    '      { cause },\n    )\n    this.operation',
  ],
  ['J16', 'after a cancel no error of the program has a stack', '  Error.stackTraceLimit = limit\n', ''],
  ['J16', 'the error of a cancel has a stack', '    Error.stackTraceLimit = 0\n', ''],
  [
    'J16',
    'a frozen Error makes every cancel fail',
    '    return make() // `Error` is frozen.\n',
    '    throw new Error()\n',
  ],
  [
    'J13',
    'an error text shows a megabyte of text',
    'value.length > 60 ? `${value.slice(0, 60)}…` : value',
    'value',
  ],
  [
    'J13',
    'an error text about a revoked proxy throws',
    "'an array' : 'an object'\n  } catch {\n    return 'an object'",
    "'an array' : 'an object'\n  } catch (error) {\n    throw error",
  ],
  [
    'R1 X27',
    'the guards throw for what throws when it is looked at',
    '[property] === value\n  } catch {\n    return false',
    '[property] === value\n  } catch (error) {\n    throw error',
  ],
  ['J13', 'a bigint in an error text looks like a number', 'return `${value}n`', 'return `${value}`'],
  ['J13', 'an error text shows the source of a function', "return 'a function'", 'return `${value}`'],
  [
    'X27',
    'a function with a code is taken for an error',
    "if (typeof error !== 'object' || error === null) return false",
    'if (error === null || error === undefined) return false',
  ],
])

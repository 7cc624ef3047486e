// What `using` asks for, once a compiler has made older JavaScript of it, where the platform has no `Symbol.dispose`.

for (const name of ['dispose', 'asyncDispose']) {
  if (!(name in Symbol)) Object.defineProperty(Symbol, name, { value: Symbol.for(`Symbol.${name}`) })
}

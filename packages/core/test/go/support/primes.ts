/** By division, to check the sieves with. */
export function primesBelow(limit: number): number[] {
  const primes: number[] = []
  for (let n = 2; n < limit; n++) if (primes.every((prime) => n % prime !== 0)) primes.push(n)
  return primes
}

/**
 * Works on each item, on so many at once, and answers in their order. After a failure nothing new is begun; what is
 * under way comes to its end, because it is paid for and may be kept, and then the first failure is thrown.
 */
export async function inParallel<Item, Result>(
  items: readonly Item[],
  most: number,
  work: (item: Item, index: number) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = []
  const failures: unknown[] = []
  const rest = items.entries()
  async function line(): Promise<void> {
    for (const [index, item] of rest) {
      if (failures.length > 0) return
      await work(item, index).then(
        (result) => {
          results[index] = result
        },
        (error) => failures.push(error),
      )
    }
  }
  await Promise.all(Array.from({ length: Math.min(most, items.length) }, line))
  if (failures.length > 0) throw failures[0]
  return results
}

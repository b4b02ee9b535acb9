/** Does all works in order, so many at a time; one after the other is begun as soon as a worker is free. */
export async function runConcurrently<Work, Result>(
  works: readonly Work[],
  concurrency: number,
  run: (work: Work, nth: number) => Promise<Result>,
): Promise<readonly Result[]> {
  const results: Result[] = [];
  const queue = [...works.entries()];
  const worker = async (): Promise<void> => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const [nth, work] = next;
      results[nth] = await run(work, nth);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  return results;
}

/**
 * What `work` gives or throws, but no longer than until `signal` aborts: then what `late` makes is thrown, and the
 * work goes on by itself. For calls that take no signal.
 */
export async function untilAborted<T>(
  work: Promise<T>,
  signal: AbortSignal,
  late: () => unknown,
): Promise<T> {
  let stop = (): void => undefined;
  const aborted = new Promise<never>((_resolve, reject) => {
    stop = () => reject(late());
    signal.addEventListener("abort", stop, { once: true });
    if (signal.aborted) stop();
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

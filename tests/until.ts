/** Waits for a condition; the limit is for one that never comes true, however busy the machine is. */
export async function until(condition: () => Promise<boolean>, limitMs = 60_000): Promise<void> {
  const endsMs = Date.now() + limitMs;
  while (!(await condition())) {
    if (Date.now() > endsMs) throw new Error("the condition did not come true in time");
    await new Promise((resolve) => {
      setTimeout(resolve, 20);
    });
  }
}

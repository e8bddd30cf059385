/** Looks until it is true. @throws Error after a minute, or after `patience` milliseconds. */
export async function until(condition: () => Promise<boolean>, patience = 60_000): Promise<void> {
  const end = Date.now() + patience;
  while (Date.now() < end) {
    if (await condition()) {
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`It did not happen within ${patience / 1000} seconds.`);
}

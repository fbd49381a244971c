// Asking the core again after it was lost: soon at first, then less and less often.

/** Milliseconds before the core is asked again. */
const pauses = [500, 1_000, 2_000, 4_000, 8_000] as const;

/** Waits after so many failures in a row; resolves at once when `signal` fires. */
export function pauseAfter(failures: number, signal: AbortSignal): Promise<void> {
  const ms = pauses[Math.min(failures, pauses.length - 1)] ?? 0;
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

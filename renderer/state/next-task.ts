// Giving way: what somebody does meanwhile comes first.

/** Resolves in another task of the page. */
export function nextTask(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve);
  });
}

// When views are drawn: before a frame, with a little rest between two, however fast news come.

/** Milliseconds between two drawings: faster than anybody reads, and time left for the reader's own clicks. */
const restMs = 100;

/** Calls the newest callback before the next frame. A hidden page draws no frames, so nothing is called there. */
export function createFrames(): (callback: () => void) => void {
  let waiting: (() => void) | null = null;
  let drawnAt = 0;
  const draw = (): void => {
    const callback = waiting;
    waiting = null;
    drawnAt = performance.now();
    callback?.();
  };
  const request = (): void => {
    requestAnimationFrame(draw);
  };
  return (callback) => {
    const isAsked = waiting !== null;
    waiting = callback;
    if (isAsked) return;
    const rest = restMs - (performance.now() - drawnAt);
    if (rest <= 0) request();
    else setTimeout(request, rest);
  };
}

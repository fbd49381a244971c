// What Node's timers can do.

/** About 24 days: a timer set for longer fires at once. https://nodejs.org/api/timers.html#settimeoutcallback-delay-args */
export const longestTimerMs = 2 ** 31 - 1;

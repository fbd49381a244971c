// A person's one-time wish that outlives a restart until it is carried out or taken back.

/**
 * `drain`: start no runner, let the others finish. `teardown`: drain, then remove what is ours. Both hold until
 * they are taken back. `reset-sandbox`: remove the sandbox with its data; ends when that is done.
 */
export type RequestKind = 'drain' | 'teardown' | 'reset-sandbox';

/** Through which door a request came. */
export type Door = 'cli' | 'http' | 'desktop' | 'core';

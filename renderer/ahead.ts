// The state of the lab, which public/look.js has asked for while this script was still on its way.
import type { Bridge, StreamPart } from '../main/contract/bridge.ts';
import type { Answer } from '../main/contract/error.ts';

/** The stream of the state, as the bridge has answered so far. */
export interface Ahead {
  readonly opened: Promise<Answer<string>>;
  readonly first: Promise<Answer<StreamPart>>;
}

declare global {
  interface Window {
    /** There in the desktop's window only, as is the next. */
    readonly autogit?: Bridge;
    readonly autogitAhead?: Ahead;
  }
}

// The bridge's type, as the shell and its preload share it.
export type { Bridge } from '../main/contract/bridge.ts';

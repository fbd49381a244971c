// Whose signature under a list of updates counts. Data: whoever gives packages out puts their public keys here, and keeps
// the private ones elsewhere (docs/updates.md).
import type { UpdateKey } from './updates.ts';

/**
 * A manifest counts when one of them has signed it. Two at a time while a key is changed: a release that knows both, then
 * one that knows the new one alone. Empty: this build takes no updates from anywhere.
 */
export const updateKeys: readonly UpdateKey[] = [];

// The one typed client of the page: the core behind the desktop's bridge or behind HTTP, asked in the same way.
import type { CoreDoor } from '../main/contract/contract.ts';

/** What every view asks; errors carry the contract's key, message and next step. */
export type CoreClient = CoreDoor;

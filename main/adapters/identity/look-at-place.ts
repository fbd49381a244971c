// Whether somebody listens at a place of the network: nothing is said there.
import type { LookAtPlace } from '../../access-ports.ts';
import { messageOf } from '../../errors.ts';
import { Silent, codeOf, openSocket } from './open-socket.ts';

/** Milliseconds. */
const patienceMs = 3_000;

const words: Readonly<Record<string, string>> = {
  ENOTFOUND: 'its name leads nowhere',
  EAI_AGAIN: 'its name leads nowhere now',
  ECONNREFUSED: 'nothing listens there',
  EHOSTUNREACH: 'no way leads there',
  ENETUNREACH: 'no way leads there',
};

export const lookAtPlace: LookAtPlace = async (place) => {
  try {
    (await openSocket(place, patienceMs)).destroy();
    return null;
  } catch (error) {
    if (error instanceof Silent) return `no answer within ${patienceMs / 1_000} s`;
    return words[codeOf(error)] ?? messageOf(error);
  }
};

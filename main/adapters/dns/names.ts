// Names of the DNS as providers write them.

import { plainName } from '../../model/stack/names.ts';

export function sameName(one: string, other: string): boolean {
  return plainName(one) === plainName(other);
}

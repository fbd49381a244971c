// Names of the DNS as providers write them.

/** In small letters, without the dot at the end. */
export function plainName(name: string): string {
  return name.toLowerCase().replace(/\.$/, '');
}

export function sameName(one: string, other: string): boolean {
  return plainName(one) === plainName(other);
}

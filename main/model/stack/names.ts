// Words about the names of a lab: in which forms they are written, who is asked for them, what an answer is.

/** In small letters, without the dot at the end, as name servers compare names. */
export function plainName(name: string): string {
  return name.toLowerCase().replace(/\.$/, '');
}

export const nameForms = ['hosts', 'zone', 'dnsmasq', 'unbound', 'pihole', 'openwrt', 'resolved'] as const;
/** A file, or a program's configuration. */
export type NameForm = (typeof nameForms)[number];

/** Who is asked. */
export const viewpoints = [
  /** As programs of this machine resolve names: hosts file, mDNS and name servers. */
  'machine',
  /** The lab's own name server. */
  'lab',
  /** A name server of this machine's network, the router most often: what other devices ask. */
  'network',
  /** From inside a container of the stack. */
  'container',
] as const;
export type Viewpoint = (typeof viewpoints)[number];

export const nameVerdicts = [
  'right',
  'wrong-address',
  'missing',
  /** Name servers have it; who was asked remembers that it was not there. */
  'cached',
  /** The name ends in `.local`, which programs ask the neighbours for and no name server. */
  'by-mdns',
  /** This machine knows it by itself (hosts file, a routing of its own); the network does not. */
  'only-here',
  /** IPv4 is right; who prefers IPv6 gets somewhere else. */
  'v6-elsewhere',
  'no-answer',
] as const;
export type NameVerdict = (typeof nameVerdicts)[number];

// What trying credentials at a provider of names needs of it, and how it says no.

/** Secrets and options by lego's names. */
export type Given = Readonly<Record<string, string>>;

export type OpenDoor = (given: Given) => TokenDoor;

/** A provider as far as one record goes. Rejects with `Refused`, and with `names.provider-unreachable`. */
export interface TokenDoor {
  /** `null`: no zone of these credentials has it. */
  zoneOf(domain: string): Promise<string | null>;
  /** Makes the TXT record, and answers what removes it. Rejects with `Occupied` where another one would be lost. */
  add(zone: string, name: string, value: string): Promise<() => Promise<void>>;
}

/** The provider says no. */
export class Refused extends Error {
  readonly status: number;
  constructor(status: number, said: string) {
    super(said);
    this.status = status;
  }
}

/** There is a record of that name that AutoGit did not make. */
export class Occupied extends Error {}

/** Something that is needed was not given. */
export class Incomplete extends Error {}

/** Rejects with `Incomplete`. */
export function required(given: Given, name: string): string {
  const found = given[name]?.trim();
  if (found === undefined || found === '') throw new Incomplete(`${name} is missing`);
  return found;
}

/** `a.b.example.net`, `b.example.net`, `example.net`: where a domain's zone can be. */
export function ancestors(domain: string): readonly string[] {
  const labels = domain.split('.');
  return labels.slice(0, -1).map((_label, index) => labels.slice(index).join('.'));
}

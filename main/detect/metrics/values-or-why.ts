// Values of a reading, and beside them why one of them is not known.

/** Collects the reasons for what is `null` in one reading. */
export class Reasons {
  readonly #unknown: Record<string, string> = {};

  /** The value; where it is `null`, the reason is kept under its name. */
  of<T>(name: string, value: T | null, why: string): T | null {
    if (value === null) this.#unknown[name] = why;
    return value;
  }

  all(): Readonly<Record<string, string>> {
    return { ...this.#unknown };
  }
}

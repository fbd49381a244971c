// Remembers tools whose processes are being ended, or cannot be ended: nobody starts another one beside them.

export interface LeftTools {
  /** `given` settles when nobody waits for the process any more, `gone` when it is no more. Neither rejects. */
  add(program: string, given: Promise<unknown>, gone: Promise<unknown>): void;
  /** Whether a process of it was given up. */
  has(program: string): boolean;
  /** When no process of it is being ended any more; those that were given up are not waited for. */
  settled(program: string): Promise<unknown>;
}

interface Left {
  readonly program: string;
  readonly given: Promise<unknown>;
  isGivenUp: boolean;
}

/** Nothing is left at the beginning. */
export function createLeftTools(): LeftTools {
  const all = new Set<Left>();
  const of = (program: string): readonly Left[] => [...all].filter((left) => left.program === program);
  return {
    add: (program, given, gone) => {
      const left: Left = { program, given, isGivenUp: false };
      all.add(left);
      void given.then(() => {
        left.isGivenUp = true;
      });
      void gone.then(() => all.delete(left));
    },
    has: (program) => of(program).some(({ isGivenUp }) => isGivenUp),
    settled: (program) => Promise.all(of(program).map(({ given }) => given)),
  };
}

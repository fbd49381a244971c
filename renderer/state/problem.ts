// Something wrong, as every view says it.

export interface Problem {
  readonly key: string;
  readonly message: string;
  readonly next: string;
}

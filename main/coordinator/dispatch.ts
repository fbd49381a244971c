// Every request of the contract, by name: input parsed, handler called, commands audited.
import { contract } from '../contract/contract.ts';
import type { CallName, Input, Output, ParsedInput, StopSignal, StreamName } from '../contract/contract.ts';
import { AutoGitError, toAutoGitError } from '../errors.ts';
import { handlers } from './requests.ts';
import type { RequestContext } from './requests.ts';
import { streams } from './streams.ts';

export interface Dispatch {
  call<N extends CallName>(name: N, input: Input<N>): Promise<Output<N>>;
  stream<N extends StreamName>(name: N, input: Input<N>, signal: StopSignal): AsyncIterable<Output<N>>;
}

type Caller = <N extends CallName>(
  name: N,
  input: ParsedInput<N>,
  context: RequestContext,
) => Promise<Output<N>>;

const callHandler: Caller = (name, input, context) => handlers[name](input, context);

function invalid(name: string, issues: Issues): AutoGitError {
  const fields = issues.map(({ path, message }) =>
    path.length === 0 ? message : `${path.join('.')}: ${message}`,
  );
  return new AutoGitError({
    key: 'request.invalid',
    message: `The request ${name} has wrong input: ${fields.join('; ')}.`,
    next: 'Correct the fields named. The OpenAPI document and --help list what is allowed.',
  });
}

type Issues = readonly { readonly path: readonly PropertyKey[]; readonly message: string }[];
type Parsed<T> =
  | { readonly success: true; readonly data: T }
  | { readonly success: false; readonly error: { readonly issues: Issues } };

/** The contract as parsers: seen so, the compiler knows which input belongs to which name. */
const parsers: {
  readonly [N in CallName | StreamName]: {
    readonly input: { safeParse(value: unknown): Parsed<ParsedInput<N>> };
  };
} = contract;

function parseInput<N extends CallName | StreamName>(name: N, input: unknown): ParsedInput<N> {
  const parsed = parsers[name].input.safeParse(input);
  if (!parsed.success) throw invalid(name, parsed.error.issues);
  return parsed.data;
}

/** The requests of one door. */
export function createDispatch(context: RequestContext): Dispatch {
  const audit = (name: CallName, outcome: string): void => {
    if (contract[name].kind !== 'command') return;
    context.store.audit({ at: context.clock.now(), door: context.door, request: name, outcome });
  };
  return {
    call: async (name, input) => {
      try {
        const output = await callHandler(name, parseInput(name, input), context);
        audit(name, 'done');
        return output;
      } catch (error) {
        audit(name, toAutoGitError(error).key);
        throw error;
      }
    },
    stream: (name, input, signal) => streams[name](parseInput(name, input), context, signal),
  };
}

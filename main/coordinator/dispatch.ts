// Every request of the contract, by name: input parsed, handler called, commands audited.
import { contract } from '../contract/contract.ts';
import type { CallName, Input, Output, ParsedInput, StopSignal, StreamName } from '../contract/contract.ts';
import { valueAt } from '../config/allowed.ts';
import type { CliForm } from '../contract/define.ts';
import { AutoGitError, toAutoGitError } from '../errors.ts';
import type { AuditRecord } from '../ports.ts';
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

/** Characters of a subject that are kept: more tells nobody more. */
const longestSubject = 200;

/** What a request is about: the field that a command line takes first, which is never a secret. */
function aboutOf(name: CallName, input: unknown): Pick<AuditRecord, 'subject' | 'dryRun'> {
  const cli: CliForm = contract[name].cli;
  const value = valueAt(input, cli.positional?.[0] ?? '');
  const words = [value].flat().filter((one) => typeof one === 'string' || typeof one === 'number');
  const subject = words.join(', ');
  return {
    ...(subject === '' ? {} : { subject: subject.slice(0, longestSubject) }),
    ...(valueAt(input, 'dryRun') === true ? { dryRun: true } : {}),
  };
}

/** The requests of one door. */
export function createDispatch(context: RequestContext): Dispatch {
  const audit = (name: CallName, input: unknown, outcome: string): void => {
    const definition = contract[name];
    if (definition.kind !== 'command' || !definition.isAudited) return;
    context.store.audit({
      at: context.clock.now(),
      door: context.door,
      request: name,
      outcome,
      ...aboutOf(name, input),
    });
  };
  return {
    call: async (name, input) => {
      try {
        const output = await callHandler(name, parseInput(name, input), context);
        audit(name, input, 'done');
        return output;
      } catch (error) {
        audit(name, input, toAutoGitError(error).key);
        throw error;
      }
    },
    stream: (name, input, signal) => streams[name](parseInput(name, input), context, signal),
  };
}

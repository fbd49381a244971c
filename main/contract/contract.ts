// The contract: one map from which IPC, HTTP, OpenAPI and the command line are derived.
import type { z } from 'zod';
import type { outcomeSchema, RequestDefinition } from './define.ts';
import { aboutRequests } from './requests/about.ts';
import { adviceRequests } from './requests/advice.ts';
import { archRequests } from './requests/arch.ts';
import { backupRequests } from './requests/backup.ts';
import { certificateRequests } from './requests/certificate.ts';
import { diagnoseRequests } from './requests/diagnose.ts';
import { doctorRequests } from './requests/doctor.ts';
import { engineRequests } from './requests/engine.ts';
import { gitlabRequests } from './requests/gitlab.ts';
import { gpuRequests } from './requests/gpu.ts';
import { historyRequests } from './requests/history.ts';
import type { eventSchema } from './requests/history.ts';
import { jobRequests } from './requests/job.ts';
import { labRequests } from './requests/lab.ts';
import { machineRequests } from './requests/machine.ts';
import { namesRequests } from './requests/names.ts';
import { noticeRequests } from './requests/notice.ts';
import { poolRequests } from './requests/pool.ts';
import { runnerRequests } from './requests/runner.ts';
import { sandboxRequests } from './requests/sandbox.ts';
import { settingsRequests } from './requests/settings.ts';
import { setupRequests } from './requests/setup.ts';
import { ssoRequests } from './requests/sso.ts';
import { stackRequests } from './requests/stack.ts';
import { stateRequests } from './requests/state.ts';
import { updateRequests } from './requests/update.ts';
import { userRequests } from './requests/user.ts';
import { watchRequests } from './requests/watch.ts';

/** In the order in which doors list them. */
export const contract = {
  ...stateRequests,
  ...machineRequests,
  ...doctorRequests,
  ...diagnoseRequests,
  ...engineRequests,
  ...poolRequests,
  ...adviceRequests,
  ...runnerRequests,
  ...gpuRequests,
  ...watchRequests,
  ...archRequests,
  ...jobRequests,
  ...historyRequests,
  ...noticeRequests,
  ...labRequests,
  ...sandboxRequests,
  ...gitlabRequests,
  ...stackRequests,
  ...namesRequests,
  ...certificateRequests,
  ...ssoRequests,
  ...userRequests,
  ...backupRequests,
  ...settingsRequests,
  ...aboutRequests,
  ...updateRequests,
  ...setupRequests,
} satisfies Readonly<Record<string, RequestDefinition>>;

export type Contract = typeof contract;
export type RequestName = keyof Contract;
export type Input<N extends RequestName> = z.input<Contract[N]['input']>;
export type ParsedInput<N extends RequestName> = z.output<Contract[N]['input']>;
export type Output<N extends RequestName> = z.output<Contract[N]['output']>;

type OfKind<K extends RequestDefinition['kind']> = {
  [N in RequestName]: Contract[N]['kind'] extends K ? N : never;
}[RequestName];
export type CallName = OfKind<'query' | 'command'>;
export type StreamName = OfKind<'stream'>;

export type CoreEvent = z.infer<typeof eventSchema>;
export type Outcome = z.infer<typeof outcomeSchema>;

/** Every request's name, in the order of the map. */
export const requestNames: readonly RequestName[] = Object.keys(contract).filter(
  (name): name is RequestName => Object.hasOwn(contract, name),
);

/** The part of an `AbortSignal` that a stream needs; pure folders have no DOM or Node types. */
export interface StopSignal {
  readonly aborted: boolean;
  addEventListener(type: 'abort', listener: () => void): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}

/** What a door needs of the core, whether it lives in this process or another. */
export interface CoreDoor {
  /** Rejects with an `AutoGitError` shape of contract/error.ts. */
  call<N extends CallName>(name: N, input: Input<N>): Promise<Output<N>>;
  /** Ends when the matter ends; stops when `signal` fires. */
  stream<N extends StreamName>(name: N, input: Input<N>, signal: StopSignal): AsyncIterable<Output<N>>;
}

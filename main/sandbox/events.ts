// What happens in the sandbox, for those who want to know: hooks, long polls, tests.
import { EventEmitter } from 'node:events';
import type { Job, Pipeline, Project, User } from './state.ts';

export interface PushEvent {
  readonly project: Project;
  readonly user: User;
  readonly refType: 'branch' | 'tag';
  /** Short name: `main`, `v1.0`. */
  readonly ref: string;
  /** Forty zeros when the ref is new. */
  readonly before: string;
  /** Forty zeros when the ref was deleted. */
  readonly after: string;
}

/** Every event and what comes with it. Emitted after the change is stored. */
export interface SandboxEventMap {
  /** A pipeline was created or changed its status. */
  readonly pipeline: readonly [pipeline: Pipeline];
  /** A job was created or changed its status. */
  readonly job: readonly [job: Job];
  /** Emitted by the git part, after the ref moved and before its pipeline is created. */
  readonly push: readonly [push: PushEvent];
  readonly project: readonly [
    project: Project,
    action: 'create' | 'update' | 'destroy' | 'rename' | 'transfer',
  ];
  readonly user: readonly [user: User, action: 'create' | 'update' | 'destroy'];
  /** A runner's settings or its token changed; waiting job requests look again. */
  readonly runner: readonly [runnerId: number];
}

/** A typed emitter. A listener must not throw; it is called synchronously, so that it sees the state of that moment. */
export interface SandboxEvents {
  emit<K extends keyof SandboxEventMap>(event: K, ...values: SandboxEventMap[K]): void;
  /** Returns how to stop listening. */
  on<K extends keyof SandboxEventMap>(
    event: K,
    listener: (...values: SandboxEventMap[K]) => void,
  ): () => void;
}

export function createEvents(): SandboxEvents {
  const emitter = new EventEmitter();
  emitter.setMaxListeners(0);
  return {
    emit: (event, ...values) => void emitter.emit(event, ...values),
    on: (event, listener) => {
      const wrapped = (...values: unknown[]): void => void Reflect.apply(listener, undefined, values);
      emitter.on(event, wrapped);
      return () => void emitter.off(event, wrapped);
    },
  };
}

// What the planner of notices looks at: the part of the lab's state that a person may have to be told of.
import type { Issue } from '../../model/issue.ts';
import type { Job } from '../../model/job.ts';
import type { Notice } from '../../model/notice.ts';
import type { Problem } from '../../model/world.ts';

export interface NoticeJob extends Pick<
  Job,
  'id' | 'name' | 'status' | 'project' | 'ref' | 'tags' | 'finishedAt'
> {
  readonly failure?: { readonly sentence: string } | undefined;
}

/** A snapshot has all of it. */
export interface NoticeWorld {
  readonly mode: 'serve' | 'drain' | 'teardown';
  readonly nodes: readonly {
    readonly id: string;
    readonly name: string;
    readonly engine: { readonly state: string; readonly problem: Problem | null };
  }[];
  readonly gitlab: {
    readonly kind: 'none' | 'sandbox' | 'server';
    readonly state: 'none' | 'stopped' | 'starting' | 'ready' | 'stale' | 'failed';
    readonly url: string | null;
    readonly problem: Problem | null;
  };
  readonly pools: readonly {
    readonly name: string;
    readonly waiting: number;
    readonly max: number;
    readonly paused: boolean;
  }[];
  readonly jobs: readonly NoticeJob[];
  readonly issues: readonly Issue[];
}

/** Something that a person is told once it has lasted: what a notice says, and when. Times in milliseconds. */
export interface Matter extends Pick<Notice, 'subject' | 'title' | 'body' | 'severity' | 'actions'> {
  /** Two with the same are the same matter. */
  readonly matter: string;
  readonly kind: Exclude<Notice['kind'], 'test'>;
  /** How long it has to last before it is told. */
  readonly holdMs: number;
  /** Each such time somebody may be disturbed again by what is new; `null`: only once. */
  readonly againMs: number | null;
}

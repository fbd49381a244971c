// The tables of proofs: the open ones, the newest of each pool that has ended, and those that somebody asked for.
import { z } from 'zod';
import type { Log } from '../../log.ts';
import { gpuVendors } from '../../model/gpu.ts';
import { architectures } from '../../model/pool-container.ts';
import type { ProofRecord, ProofView } from '../../model/proof.ts';
import type { Store } from '../../ports.ts';
import type { Database } from './database.ts';
import { jsonColumn, rowReader, untilWritten } from './rows.ts';

const evidenceSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('job'),
    succeeded: z.boolean(),
    failureReason: z.string().nullable(),
    log: z.string(),
    artifact: z.string().nullable(),
    arch: z.enum(architectures).nullable(),
    gpu: z.object({ vendor: z.enum(gpuVendors), ids: z.array(z.string()) }).nullable(),
  }),
  z.object({ kind: z.literal('none'), sentence: z.string(), fix: z.string() }),
]);

const rowSchema = z.object({
  id: z.int(),
  pool: z.string(),
  spec: z.string(),
  nonce: z.string(),
  tries: z.int(),
  startedAt: z.int(),
  projectId: z.int().nullable(),
  jobId: z.int().nullable(),
  endedAt: z.int().nullable(),
  evidence: jsonColumn.pipe(evidenceSchema).nullable(),
});
const wishesSchema = z.array(z.object({ pool: z.string(), at: z.int() }));

type ProofStore = Pick<Store, 'proofs' | 'openProof' | 'updateProof' | 'wishProof'> & {
  readonly forgetProofs: () => void;
};

/** The proofs of an open, migrated database. */
export function proofsIn(database: Database, log: Log | undefined): ProofStore {
  const read = rowReader<ProofRecord>('proofs', rowSchema, log);
  const all = database.prepare(
    `SELECT id, pool, spec, nonce, tries, started_at AS startedAt, project_id AS projectId, job_id AS jobId,
       ended_at AS endedAt, evidence
     FROM proofs ORDER BY id`,
  );
  const wishes = database.prepare('SELECT pool, at FROM proof_wishes');
  const open = database.prepare(
    `INSERT INTO proofs (pool, spec, nonce, tries, started_at)
     VALUES (@pool, @spec, @nonce, @tries, @startedAt) RETURNING id`,
  );
  const update = database.prepare(
    `UPDATE proofs SET project_id = coalesce(@projectId, project_id), job_id = coalesce(@jobId, job_id),
       ended_at = coalesce(@endedAt, ended_at), evidence = coalesce(@evidence, evidence)
     WHERE id = @id`,
  );
  const dropOlder = database.prepare(
    `DELETE FROM proofs WHERE ended_at IS NOT NULL AND id < (
       SELECT max(newer.id) FROM proofs newer WHERE newer.pool = proofs.pool AND newer.ended_at IS NOT NULL)`,
  );
  const forget = database.prepare('DELETE FROM proofs');
  const wish = database.prepare('INSERT OR REPLACE INTO proof_wishes VALUES (@pool, @at)');
  const known = untilWritten<'all', ProofView>(() => ({
    records: read.all(all.all()),
    wishes: Object.fromEntries(wishesSchema.parse(wishes.all()).map(({ pool, at }) => [pool, at])),
  }));
  const writing = (write: () => void): void => {
    known.forget();
    database.transaction(write);
  };
  return {
    proofs: () => known.read('all'),
    openProof: (proof) => {
      known.forget();
      return z.object({ id: z.int() }).parse(open.get(proof)).id;
    },
    updateProof: (id, { projectId = null, jobId = null, endedAt = null, evidence = null }) =>
      writing(() => {
        const text = evidence === null ? null : JSON.stringify(evidence);
        update.run({ id, projectId, jobId, endedAt, evidence: text });
        if (endedAt !== null) dropOlder.run({});
      }),
    wishProof: (pool, at) => writing(() => void wish.run({ pool, at })),
    forgetProofs: () => {
      known.forget();
      forget.run();
    },
  };
}

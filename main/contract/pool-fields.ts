// The settings of a pool as fields of a request: every one may be left out.
import { z } from 'zod';
import { poolSchema } from '../model/pool.ts';

const { shape } = poolSchema;

/** The same rules as in the settings file; `null` is written as `none` on a command line. */
export const poolFields = {
  tags: shape.tags
    .unwrap()
    .optional()
    .describe("tags that jobs may have, with commas between; 'none' for none"),
  runUntagged: shape.runUntagged.unwrap().optional().describe('also take jobs without tags'),
  protectedOnly: shape.protectedOnly.unwrap().optional().describe('only jobs of protected branches and tags'),
  scope: z
    .string()
    .max(1100)
    .regex(/^(?:instance|(?:group|project):[^\s:]+)$/, 'instance, group:PATH or project:PATH')
    .optional()
    .describe('whose jobs: instance, group:PATH or project:PATH'),
  priority: shape.priority.unwrap().optional().describe('pools of higher priority start their runners first'),
  executor: shape.executor.unwrap().optional().describe('where the script of a job runs'),
  image: shape.image.unwrap().optional().describe("image of the runner; 'none' for the usual one"),
  max: shape.max.unwrap().optional().describe('most runners at a time'),
  idleTime: shape.idleTime.unwrap().optional().describe('seconds without a job after which a runner leaves'),
  cpus: shape.cpus.unwrap().optional().describe("processors per runner; 'none' for no limit"),
  memoryMiB: shape.memoryMiB.unwrap().optional().describe("memory per runner in MiB; 'none' for no limit"),
  min: shape.min.unwrap().optional().describe('runners that are there before a job waits'),
  jobsPerRunner: shape.jobsPerRunner
    .unwrap()
    .optional()
    .describe("jobs after which a runner leaves; 'none': when it is idle"),
  maxLifetime: shape.maxLifetime
    .unwrap()
    .optional()
    .describe("seconds after which an idle runner leaves; 'none': never for its age"),
};

// The settings of a pool as fields of a request: every one may be left out.
import { z } from 'zod';
import { poolSchema } from '../model/pool.ts';

const gpuPart = '(?:count|vendor|memoryMiB|mode|jobsPerCard|fractionMiB)=[a-z0-9]+';
const gpuText = new RegExp(`^(?:\\d{1,2}|${gpuPart}(?:,${gpuPart})*)$`);

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
  gpu: z
    .string()
    .max(200)
    .regex(
      gpuText,
      'a number of GPUs, or like count=1,vendor=nvidia,memoryMiB=20000,mode=shared,jobsPerCard=2',
    )
    .nullable()
    .optional()
    .describe("GPUs per runner: a number, or like count=1,vendor=nvidia; 'none' for none"),
  min: shape.min.unwrap().optional().describe('runners that are there before a job waits'),
  jobsPerRunner: shape.jobsPerRunner
    .unwrap()
    .optional()
    .describe("jobs after which a runner leaves; 'none': when it is idle"),
  maxLifetime: shape.maxLifetime
    .unwrap()
    .optional()
    .describe("seconds after which an idle runner leaves; 'none': never for its age"),
  diskMiB: shape.diskMiB.unwrap().optional().describe("disk per container in MiB; 'none' for no limit"),
  pids: shape.pids.unwrap().optional().describe('processes and threads per container'),
  shmMiB: shape.shmMiB
    .unwrap()
    .optional()
    .describe("shared memory per container in MiB; 'none': the engine's own"),
  arch: shape.arch.unwrap().optional().describe("processor that jobs run on; 'none': the engine's own"),
  env: z
    .array(z.string().regex(/^[A-Za-z_]\w*=/, 'NAME=value'))
    .max(100)
    .optional()
    .describe("environment of jobs as NAME=value, with commas between; 'none' for none; no secrets"),
  cache: shape.cache.unwrap().optional().describe('whether /cache outlives the runner'),
  pullPolicy: shape.pullPolicy
    .unwrap()
    .optional()
    .describe("executor image: when a job's images are asked for at their registry"),
  prePull: shape.prePull
    .unwrap()
    .optional()
    .describe("images to fetch before a job waits, with commas between; 'none' for none"),
  runnerImage: shape.runnerImage
    .unwrap()
    .optional()
    .describe("executor image: image of the runner itself; 'none' for the official one"),
  mounts: shape.mounts
    .unwrap()
    .optional()
    .describe("folders for jobs as FOLDER:PLACE[:ro|rw], with commas between; 'none' for none"),
  devices: shape.devices
    .unwrap()
    .optional()
    .describe("device files for jobs, with commas between; 'none' for none"),
  capabilities: shape.capabilities
    .unwrap()
    .optional()
    .describe("executor image: further capabilities, with commas between; 'none' for none"),
};

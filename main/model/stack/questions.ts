// What a person is asked for a stack, with what this machine suggests: for the wizard and `autogit stack questions`.
import { z } from 'zod';
import { answerValueSchema, presets } from './answers.ts';
import { questionSchema } from './template.ts';

const choiceSchema = z.strictObject({ value: z.string(), label: z.string(), help: z.string() });

const onlyIfSchema = z.strictObject({ field: z.string(), values: z.array(z.string()) });

/** One answer with its path: `lab`, `ports.https`. */
export const askedSchema = z.strictObject({
  field: z.string(),
  label: z.string(),
  help: z.string(),
  type: z.enum(['text', 'number', 'boolean', 'choice', 'list']),
  /** For `choice`. */
  choices: z.array(choiceSchema),
  /** What is taken when nobody answers; `null`: nothing is, or it follows from another answer, as `help` says. */
  suggested: answerValueSchema.nullable(),
  /** Asked only where another answer has one of these values. */
  onlyIf: onlyIfSchema.nullable(),
});
export type Asked = z.infer<typeof askedSchema>;

export const presetSchema = z.strictObject({
  name: z.enum(presets),
  help: z.string(),
  /** Chosen for this machine when nobody does. */
  suggested: z.boolean(),
  /** Whether the machine has the memory; `null`: nobody knows how much it has. */
  fits: z.boolean().nullable(),
  /** What GitLab needs at least, usually takes and never exceeds on this machine, in GB of 2^30 bytes. */
  leastGb: z.number(),
  usualGb: z.number(),
  mostGb: z.number(),
  cpus: z.int(),
  /** Pages that are made at the same time. */
  pumaWorkers: z.int(),
  /** Things that GitLab does in the background at the same time. */
  sidekiqConcurrency: z.int(),
  monitoring: z.boolean(),
  kas: z.boolean(),
});
export type AskedPreset = z.infer<typeof presetSchema>;

export const stackQuestionsSchema = z.strictObject({
  /** The three that nobody can answer for a person, with what each further needs. */
  decisions: z.array(askedSchema),
  /** Everything that has a default. */
  settings: z.array(askedSchema),
  presets: z.array(presetSchema),
  templates: z.array(
    z.strictObject({
      id: z.string(),
      title: z.string(),
      description: z.string(),
      kind: z.enum(['core', 'fixed', 'option']),
      /** There only where another answer has one of these values; missing: always, or where it is chosen. */
      onlyIf: onlyIfSchema.optional(),
      /** A person's own, not one of ours. */
      own: z.boolean(),
      needs: z.array(z.string()),
      /** What people and other parts of the stack get from it. */
      provides: z.array(z.string()),
      /** Memory it takes besides GitLab, in MiB. */
      usualMiB: z.number(),
      /** What is pulled, in bytes. */
      bytes: z.number(),
      questions: z.array(questionSchema),
    }),
  ),
  machine: z.strictObject({ memoryGb: z.number().nullable(), threads: z.int().nullable() }),
});
export type StackQuestions = z.infer<typeof stackQuestionsSchema>;

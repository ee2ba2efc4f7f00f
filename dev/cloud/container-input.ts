/** The parts of a request that a job definition and a submission share, with the limits that Batch sets them. */
import { z } from 'zod';

/** Letters, digits, `.`, `:`, white space, and perhaps one `*` at the end. */
const PATTERN = z
  .string()
  .max(512)
  .regex(/^[A-Za-z0-9.:\s]*\*?$/, 'only letters, numbers, periods, colons, white space and one * at the end');
const CODES = z
  .string()
  .max(512)
  .regex(/^[0-9]*\*?$/, 'only numbers and one * at the end');

export const NAME_VALUES = z.array(
  z.object({
    name: z
      .string()
      .min(1)
      .refine((name) => !name.startsWith('AWS_BATCH'), {
        error: ({ input }) => `Environment variable ${String(input)} starts with AWS_BATCH, which is reserved`,
      }),
    value: z.string().default(''),
  }),
);

export const RETRY_STRATEGY = z
  .object({
    attempts: z.number().int().min(1).max(10).optional(),
    evaluateOnExit: z
      .array(
        z.object({
          action: z
            .string()
            .toUpperCase()
            .pipe(z.enum(['RETRY', 'EXIT'])),
          onStatusReason: PATTERN.optional(),
          onReason: PATTERN.optional(),
          onExitCode: CODES.optional(),
        }),
      )
      .max(5)
      .default([]),
  })
  .refine(({ attempts, evaluateOnExit }) => attempts !== undefined || evaluateOnExit.length === 0, {
    error: 'attempts must be specified with evaluateOnExit',
  })
  .transform(({ attempts = 1, evaluateOnExit }) => ({ attempts, evaluateOnExit }));

export const TIMEOUT = z.object({
  attemptDurationSeconds: z.number().int().min(60, 'Timeout must be at least 60 seconds'),
});

export const RESOURCES = {
  vcpus: z.number().int().min(1).optional(),
  resourceRequirements: z.array(z.object({ type: z.string(), value: z.string() })).optional(),
};

/** What a container asks for, in either of the two ways to say it. */
export function vcpusOf(container: {
  readonly vcpus?: number | undefined;
  readonly resourceRequirements?: readonly { readonly type: string; readonly value: string }[] | undefined;
}): number | undefined {
  const required = container.resourceRequirements?.find(({ type }) => type === 'VCPU')?.value;
  return required === undefined ? container.vcpus : Number(required);
}

/** What every Batch request shares: names, ARNs, limits, and one way to refuse input. */
import type { z } from 'zod';
import { clientException } from './aws-error';

const ACCOUNT = '000000000000';
const REGION = 'us-east-1';

export function arn(kind: 'job' | 'job-queue' | 'job-definition' | 'compute-environment', name: string): string {
  return `arn:aws:batch:${REGION}:${ACCOUNT}:${kind}/${name}`;
}

/** Checks a request; refuses it with the fields that are wrong and why. */
export function parseInput<T extends z.ZodType>(schema: T, input: unknown): z.infer<T> {
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  const problems = result.error.issues.map((issue) => `${issue.path.join('.') || 'request'}: ${issue.message}`);
  throw clientException(`Error executing request, Exception : ${problems.join('; ')}`);
}

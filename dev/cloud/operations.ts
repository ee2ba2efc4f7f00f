/** The operations of Batch that are played, under their own names. */

export const BATCH_OPERATIONS = [
  ...(['SubmitJob', 'DescribeJobs', 'ListJobs', 'TerminateJob', 'CancelJob', 'RegisterJobDefinition'] as const),
  ...(['DeregisterJobDefinition', 'DescribeJobDefinitions', 'CreateJobQueue', 'DescribeJobQueues'] as const),
  ...(['CreateComputeEnvironment', 'DescribeComputeEnvironments'] as const),
] as const;

const NAMES: ReadonlyMap<string, string> = new Map(BATCH_OPERATIONS.map((name) => [name.toLowerCase(), name]));

/** The name of what stands in a path, as `submitjob`; an unknown one stays as it is. */
export function operationName(path: string): string {
  return NAMES.get(path) ?? path;
}

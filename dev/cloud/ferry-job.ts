/** The queues and the job definition that Bucket Ferry's own infrastructure makes, as the stand-in needs them. */

export const FERRY_QUEUES = ['ferry-spot', 'ferry-on-demand'] as const;

/** The definition `ferry-job`: its keys come by its role, so it holds no secret. */
export function ferryJobDefinition(jobRoleArn: string, environment: Readonly<Record<string, string>> = {}) {
  return {
    jobDefinitionName: 'ferry-job',
    type: 'container',
    containerProperties: {
      image: 'bucket-ferry',
      command: ['ferry', 'job'],
      jobRoleArn,
      environment: Object.entries(environment).map(([name, value]) => ({ name, value })),
    },
    retryStrategy: {
      attempts: 3,
      evaluateOnExit: [
        { onStatusReason: 'Host EC2*', action: 'RETRY' },
        { onExitCode: '75', action: 'RETRY' },
        { onReason: '*', action: 'EXIT' },
      ],
    },
  };
}

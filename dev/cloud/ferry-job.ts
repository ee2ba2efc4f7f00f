/** The queues and the job definition that Bucket Ferry's own infrastructure makes, as the stand-in needs them. */

import type { QueuePlan } from './queues';

export const FERRY_QUEUES = ['ferry-spot', 'ferry-on-demand'] as const;

/** The queues and their compute environments: hosts of the first may be reclaimed. */
export const FERRY_QUEUE_PLANS: readonly QueuePlan[] = [
  { name: FERRY_QUEUES[0], spot: true },
  { name: FERRY_QUEUES[1] },
];

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

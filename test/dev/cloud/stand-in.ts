/** A cloud with real SDK clients on it, whose jobs are one-line node programs. */
import { BatchClient, SubmitJobCommand, type SubmitJobCommandInput } from '@aws-sdk/client-batch';
import { SSMClient } from '@aws-sdk/client-ssm';
import { type Cloud, type CloudOptions, startCloud } from '../../../dev/cloud/server';
import type { BatchJobView } from '../../../dev/cloud/job-view';
import type { Account } from '../../../dev/servers/s3-server';
import { eventually } from '../folders';

export const WORKER: Account = { accessKeyId: 'AKIAWORKER', secretAccessKey: 'the-worker-s-own-secret' };
export const ROLE: Account = { accessKeyId: 'AKIAROLE', secretAccessKey: 'the-role-s-own-secret' };
export const ROLE_ARN = 'arn:aws:iam::000000000000:role/ferry-job';

export interface StandIn {
  readonly cloud: Cloud;
  readonly batch: BatchClient;
  readonly ssm: SSMClient;
  /** What the cloud has logged. */
  readonly logged: readonly string[];
  /** Submits a job of the definition `node` that runs this program, and gives its id. */
  run(program: string, more?: Partial<SubmitJobCommandInput>): Promise<string>;
  close(): Promise<void>;
  view(jobId: string): BatchJobView;
  /** Waits until the job has this status. */
  reaches(jobId: string, status: string): Promise<BatchJobView>;
}

export async function standIn(folder: string, options: Partial<CloudOptions> = {}): Promise<StandIn> {
  const logged: string[] = [];
  const cloud = await startCloud({
    folder,
    accounts: [{ ...WORKER, name: 'worker' }],
    roles: { [ROLE_ARN]: ROLE },
    job: { command: { node: [process.execPath] }, environment: { FROM_HOST: 'host' } },
    queues: [{ name: 'spot', spot: true }, 'on-demand'],
    jobDefinitions: [
      {
        jobDefinitionName: 'node',
        type: 'container',
        containerProperties: {
          image: 'node',
          command: ['node', '-e', ''],
          jobRoleArn: ROLE_ARN,
          environment: [
            { name: 'FROM_DEFINITION', value: 'definition' },
            { name: 'OVERRIDDEN', value: 'definition' },
          ],
        },
      },
    ],
    stateDelayMs: 5,
    secondMs: 5,
    listDelayMs: [0, 0],
    log: (line) => void logged.push(line),
    ...options,
  });
  const client = { endpoint: cloud.endpoint, region: 'us-east-1', credentials: { ...WORKER }, maxAttempts: 1 };
  const batch = new BatchClient(client);
  const ssm = new SSMClient(client);
  const view = (jobId: string): BatchJobView => {
    const job = cloud.jobs().find((each) => each.jobId === jobId);
    if (!job) throw new Error(`No job ${jobId}`);
    return job;
  };
  return {
    cloud,
    batch,
    ssm,
    logged,
    async close() {
      batch.destroy();
      ssm.destroy();
      await cloud.stop();
    },
    view,
    async run(program, more) {
      const { jobId } = await batch.send(
        new SubmitJobCommand({
          jobName: 'sample',
          jobQueue: 'spot',
          jobDefinition: 'node',
          ...more,
          containerOverrides: { command: ['node', '-e', program], ...more?.containerOverrides },
        }),
      );
      return jobId ?? '';
    },
    async reaches(jobId, status) {
      await eventually(() => view(jobId).status === status, 10_000);
      return view(jobId);
    },
  };
}

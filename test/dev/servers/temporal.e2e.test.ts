import { join } from 'node:path';
import { Connection } from '@temporalio/client';
import { startTemporal } from '../../../dev/servers/temporal';
import { temporaryFolder } from '../folders';

const folder = temporaryFolder();
const log = () => undefined;

async function namespaceId(address: string): Promise<string> {
  const connection = await Connection.connect({ address });
  try {
    const { namespaceInfo } = await connection.workflowService.describeNamespace({ namespace: 'default' });
    return namespaceInfo?.id ?? '';
  } finally {
    await connection.close();
  }
}

test('Temporal answers at once, keeps its state over a restart, and ends when stopped', async () => {
  const first = await startTemporal({ folder: join(folder, 'temporal'), headless: true, log });
  const id = await namespaceId(first.address);
  expect(id).not.toBe('');
  expect(first.uiUrl).toBeUndefined();
  await first.stop();
  expect(first.process.end()).toBeDefined();

  const second = await startTemporal({ folder: join(folder, 'temporal'), log });
  try {
    expect(await namespaceId(second.address)).toBe(id);
    expect((await fetch(second.uiUrl ?? '')).status).toBe(200);
  } finally {
    await second.stop();
  }
});

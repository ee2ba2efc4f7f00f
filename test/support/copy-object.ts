/** The life of one object by the engine alone, as its workflow would lead it when nothing goes wrong. */
import type { CopiedLine, SkippedLine } from '../../src/domain/report-line';
import { copyParts } from '../../src/transfer/copy-parts';
import type { Engine } from '../../src/transfer/engine';
import { openTransfer, type OpenRequest } from '../../src/transfer/open-transfer';
import { putWhole } from '../../src/transfer/put-whole';
import { sealTransfer } from '../../src/transfer/seal-transfer';

export async function copyObject(request: OpenRequest, engine: Engine): Promise<CopiedLine | SkippedLine> {
  const opened = await openTransfer(request, engine);
  if (opened.kind === 'done') return opened.line;
  const { task, reason } = opened;
  const { route, since } = request;
  const { checksum } = task.plan.kind === 'put' ? await putWhole(task, engine) : await copyParts(task, engine);
  const moved = checksum === undefined ? {} : { checksum };
  const sealed = await sealTransfer({ task, reason, route, since, ...moved }, engine);
  if (sealed.kind !== 'sealed') throw new Error(`${sealed.missing} parts of ${task.targetKey} are missing`);
  return sealed.line;
}

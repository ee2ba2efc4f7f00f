/** `ferry plan`. */
import type { Command } from 'commander';
import { formatBytes } from '../../domain/sizes';
import { planTransfer, type TransferPlan } from '../../transfer/plan-transfer';
import { EXIT, Exit } from '../exit-code';
import { shownKey } from '../shown-key';
import { transferCommand } from '../transfer-command';

interface PlanOptions {
  readonly prefix?: string;
  readonly force?: boolean;
}

export function addPlan(program: Command): void {
  transferCommand<PlanOptions>(
    program,
    'plan',
    'A dry run: what would be copied, by which route, bytes, requests and what they cost. Changes nothing.',
    (command) =>
      command
        .option('--prefix <P>', 'only keys that begin so; counts from source.prefix')
        .option('--force', 'as if run with --force'),
    async (context, name, scope) => {
      const { transfer } = await context.transfer(name);
      const plan = await planTransfer(transfer, scope, context.engine(), (listed) =>
        context.progress(`${listed} keys looked at`),
      );
      const { listed, skipped, routes, requests, requestCost, sample, failures } = plan;
      const same = scope.force === true ? 'none of them compared, as by --force' : `${skipped} the same on both sides`;
      context.print(`${transfer.name}: ${listed} keys, ${same}`);
      for (const [route, { objects, bytes }] of Object.entries(routes)) {
        if (objects > 0) context.print(`  ${objects} to copy by ${route}, ${formatBytes(bytes)}`);
      }
      for (const { key, size, route, reason } of sample)
        context.print(`    ${key}  ${formatBytes(size)}  ${route}  ${reason}`);
      const more = Object.values(routes).reduce((sum, { objects }) => sum + objects, 0) - sample.length;
      if (more > 0) context.print(`    … and ${more} more`);
      for (const { key, code, message } of failures) context.print(`  cannot be copied: ${key}: ${code}: ${message}`);
      if (transfer.deletes !== undefined) for (const line of deleteLines(plan)) context.print(line);
      context.print(
        `  about ${requests.list} list, ${requests.read} read and ${requests.write} write requests: $${requestCost.toFixed(4)} at us-east-1 list prices`,
      );
      for (const line of jobLines(plan)) context.print(line);
      context.print('  (data transfer out of the client’s account comes on top)');
      context.document({ transfer: transfer.name, ...plan });
      if (failures.length > 0) throw new Exit(EXIT.failed);
    },
  );
}

function jobLines({ jobs: plan }: TransferPlan): string[] {
  if (plan === undefined) return [];
  const { jobs, shared, sharing, hostHours, spot, onDemand } = plan;
  const together = shared === 0 ? '' : `; ${sharing} objects share ${shared} of them`;
  return [
    `  about ${jobs} Batch job${jobs === 1 ? '' : 's'}${together}: ${hostHours.toPrecision(2)} hours of a host with 2 vCPUs, ${dollars(spot)} on Spot or ${dollars(onDemand)} on demand`,
  ];
}

function dollars(amount: number): string {
  return amount < 0.01 ? 'less than $0.01' : `about $${amount.toFixed(2)}`;
}

function deleteLines({ deletes, failures }: TransferPlan): string[] {
  if (deletes === undefined) return ['  nothing to delete: a run of a prefix deletes nothing'];
  const { count, digest, max, aboveMax, sample, kept } = deletes;
  const stay = Object.entries(kept).map(([reason, objects]) => `${objects} ${reason}`);
  return [
    `  ${count} to delete in the target${count === 0 ? '' : `, digest ${digest}`}${aboveMax ? `: more than deletes.max (${max}), so a run waits for \`ferry approve\`` : ''}`,
    ...sample.map(({ targetKey, size }) => `    ${shownKey(targetKey)}  ${formatBytes(size)}  delete`),
    ...(count > sample.length ? [`    … and ${count - sample.length} more`] : []),
    ...(stay.length > 0 ? [`  not in the source, and kept: ${stay.join(', ')}`] : []),
    ...(failures.length > 0 ? ['  (nothing is deleted by a run in which an object has failed)'] : []),
  ];
}

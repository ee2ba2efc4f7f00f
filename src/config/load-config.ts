/** Loads ferry.yaml, or a single transfer from a file of its own; all that is wrong in it is reported at once. */
import { readFile } from 'node:fs/promises';
import type { Transfer, TransferEntry } from '../domain/transfer';
import { ConfigurationError, type ConfigurationProblem } from './configuration-error';
import { isMapping } from './fields';
import { describeFound } from './found-value';
import { nearestName } from './nearest-name';
import { parseConfigText } from './parse-document';
import { problemsOf } from './problems';
import { checkTransfer, resolveTransfer } from './transfer-schema';

export interface ConfiguredTransfer {
  /** As it stands in the file: the input of the workflows. */
  readonly entry: TransferEntry;
  readonly transfer: Transfer;
}

export interface ConfigFile {
  readonly file: string;
  readonly transfers: readonly ConfiguredTransfer[];
}

/** The whole of ferry.yaml. Rejects with a `ConfigurationError`. */
export async function loadConfigFile(file: string): Promise<ConfigFile> {
  const document = parseConfigText(file, await readText(file, 'name another with `--config FILE`'));
  const entries = isMapping(document) ? document['transfers'] : undefined;
  const problems: ConfigurationProblem[] = [...documentProblems(file, document)];
  const transfers: ConfiguredTransfer[] = [];
  const list: readonly unknown[] = Array.isArray(entries) ? entries : [];
  for (const [index, entry] of list.entries()) {
    const checked = checkTransfer(entry, { file, path: ['transfers', index] });
    if ('problems' in checked) problems.push(...checked.problems);
    else transfers.push({ entry: entry as TransferEntry, transfer: checked.transfer });
  }
  if (Array.isArray(entries)) problems.push(...repeatedNames(file, entries));
  if (problems.length > 0) throw new ConfigurationError(problems);
  return { file, transfers };
}

/** A one-off: the file holds what would be one entry of `transfers`. */
export async function loadTransferFile(file: string): Promise<ConfiguredTransfer> {
  const entry = parseConfigText(file, await readText(file, 'name another with `--file TRANSFER.json`'));
  return { transfer: resolveTransfer(entry, { file }), entry: entry as TransferEntry };
}

/** Throws a `ConfigurationError` that names the transfers there are. */
export function findTransfer(config: ConfigFile, name: string): ConfiguredTransfer {
  const found = config.transfers.find(({ transfer }) => transfer.name === name);
  if (found !== undefined) return found;
  const names = config.transfers.map(({ transfer }) => transfer.name);
  const nearest = nearestName(name, names);
  const known = names.length === 0 ? 'a transfer, of which the file has none' : `one of ${names.join(', ')}`;
  const expected = nearest === undefined ? known : `${known} (did you mean ${nearest}?)`;
  throw new ConfigurationError([{ file: config.file, path: 'transfers', expected, found: describeFound(name) }]);
}

function documentProblems(file: string, document: unknown): readonly ConfigurationProblem[] {
  const message = 'a mapping with `transfers`';
  if (!isMapping(document)) return problemsOf(document, [{ path: [], message }], { file });
  const keys = Object.keys(document).filter((key) => key !== 'transfers');
  const unknown = keys.length === 0 ? [] : [{ path: [], message: 'transfers', keys }];
  const list = Array.isArray(document['transfers']) ? [] : [{ path: ['transfers'], message: 'a list of transfers' }];
  return problemsOf(document, [...list, ...unknown], { file });
}

/** Workflow and schedule ids are built from the name. */
function repeatedNames(file: string, entries: readonly unknown[]): readonly ConfigurationProblem[] {
  const names = entries.map((entry) => (isMapping(entry) ? entry['name'] : undefined));
  return names.flatMap((name, index) => {
    const first = names.indexOf(name);
    if (typeof name !== 'string' || first === index) return [];
    const expected = `a name of its own (transfers[${first}] has this one too)`;
    return [{ file, path: `transfers[${index}].name`, expected, found: describeFound(name) }];
  });
}

async function readText(file: string, remedy: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const found = code === 'ENOENT' ? 'none' : `one that cannot be read (${code ?? 'unknown reason'})`;
    throw new ConfigurationError([{ file, path: '', expected: `a file at this path (${remedy})`, found }]);
  }
}

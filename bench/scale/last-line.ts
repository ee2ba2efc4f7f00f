/** The answer of a program that tells it as its last line, in JSON. */
import { readFileSync } from 'node:fs';
import type { ManagedProcess } from '../../dev/process';

export function readLastLine<T>({ logFile }: ManagedProcess): T {
  return JSON.parse(readFileSync(logFile, 'utf8').trim().split('\n').at(-1) ?? '') as T;
}

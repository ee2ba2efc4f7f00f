/** Finds the folder of this package from any file of it, compiled or not. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

export function packageFolder(folder: string): string {
  return existsSync(join(folder, 'package.json')) ? folder : packageFolder(dirname(folder));
}

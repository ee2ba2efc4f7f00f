/** A report in a folder of this machine. */
import { randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { ReportFiles } from './report-store';

export function reportFolder(folder: string): ReportFiles {
  return {
    async write(name, content) {
      const path = join(folder, name);
      await mkdir(dirname(path), { recursive: true });
      // Two attempts may write one name at once.
      const unfinished = `${path}.${randomUUID()}.tmp`;
      try {
        await pipeline(content, createWriteStream(unfinished));
        await rename(unfinished, path);
      } catch (error) {
        await rm(unfinished, { force: true });
        throw error;
      }
    },
    async *list(prefix) {
      const below = join(folder, prefix.slice(0, prefix.lastIndexOf('/') + 1));
      const entries = await readdir(below, { recursive: true, withFileTypes: true }).catch(() => []);
      const names = entries
        .filter((entry) => entry.isFile() && !entry.name.endsWith('.tmp'))
        .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'));
      yield* names.filter((name) => name.startsWith(prefix)).sort();
    },
    async *folders(name) {
      const entries = await readdir(join(folder, name), { withFileTypes: true }).catch(() => []);
      yield* entries
        .filter((entry) => entry.isDirectory())
        .map((entry) => entry.name)
        .sort();
    },
    async read(name) {
      const path = join(folder, name);
      const there = await stat(path).catch(() => undefined);
      return there?.isFile() ? createReadStream(path) : undefined;
    },
  };
}

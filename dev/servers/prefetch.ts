/** Has every program that the tests run at hand before they begin, so that none of them waits for a download or a build. */
import { canResolve, resolveProgram } from './program';
import { PROGRAMS, type ProgramName } from './programs';

/** Side by side: some are downloads, one is built. */
async function main(): Promise<void> {
  await Promise.all((Object.keys(PROGRAMS) as ProgramName[]).map(prefetch));
}

async function prefetch(name: ProgramName): Promise<void> {
  if ((await canResolve(name)) === false) {
    process.stdout.write(`${name} is not to be had on this machine: the tests that need it are left out\n`);
    return;
  }
  const { path, from } = await resolveProgram(name, { log: (line) => process.stdout.write(`${line}\n`) });
  process.stdout.write(`${name}: ${path} (${from})\n`);
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});

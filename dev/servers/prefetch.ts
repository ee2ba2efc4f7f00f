/** Has every program that the tests run at hand before they begin, so that none of them waits for a download or a build. */
import { canResolve, resolveProgram } from './program';
import { PROGRAMS, type ProgramName } from './programs';

async function main(): Promise<void> {
  for (const name of Object.keys(PROGRAMS) as ProgramName[]) {
    if ((await canResolve(name)) === false) {
      process.stdout.write(`${name} is not to be had on this machine: the tests that need it are left out\n`);
      continue;
    }
    const { path, from } = await resolveProgram(name, { log: (line) => process.stdout.write(`${line}\n`) });
    process.stdout.write(`${name}: ${path} (${from})\n`);
  }
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});

// Compiles src and dev, and bundles the workflows once so that a worker starts without webpack.
// The old build stays in place until the new one is whole: processes may be running from it.
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const require = createRequire(import.meta.url);
const dist = join(root, 'dist');
const fresh = join(root, `dist.${process.pid}.tmp`);

// `prepare` runs at `npm ci`, and again at every first `npx ferry`, which finds nothing to do.
if (process.argv.includes('--if-stale') && isCurrent()) process.exit(0);

try {
  const tsc = [require.resolve('typescript/bin/tsc'), '-p', join(root, 'tsconfig.build.json'), '--outDir', fresh];
  execFileSync(process.execPath, tsc, { stdio: 'inherit' });
  chmodSync(join(fresh, 'src/cli/main.js'), 0o755);

  const { bundleWorkflowCode, DefaultLogger } = require('@temporalio/worker');
  const workflowsPath = join(fresh, 'src/workflows/index.js');
  const { code } = await bundleWorkflowCode({
    workflowsPath,
    logger: new DefaultLogger('WARN'),
    // Evaluated once, and not once for each workflow: they keep no state. A good part of what a short workflow costs a worker.
    preloadModules: ['@temporalio/common', workflowsPath],
  });
  writeFileSync(join(fresh, 'workflow-bundle.js'), code);

  const old = `${fresh}.old`;
  if (existsSync(dist)) renameSync(dist, old);
  renameSync(fresh, dist);
  rmSync(old, { recursive: true, force: true });
} finally {
  rmSync(fresh, { recursive: true, force: true });
}

/** The build is younger than everything that it is made of. */
function isCurrent() {
  const made = statSync(join(dist, 'workflow-bundle.js'), { throwIfNoEntry: false });
  if (made === undefined) return false;
  const sources = ['src', 'dev', 'bench'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true }).map((name) => join(folder, name)),
  );
  const inputs = [...sources, 'package-lock.json', 'tsconfig.json', 'tsconfig.build.json', 'scripts/build.mjs'];
  return inputs.every((name) => statSync(join(root, name)).mtimeMs <= made.mtimeMs);
}

/**
 * Ends process groups after this process is gone, however it went. A shell of a few lines holds the list of groups and
 * reads a pipe that only we hold open: the kernel closes it even when we are killed with SIGKILL.
 */
import { type ChildProcess, spawn } from 'node:child_process';

const SCRIPT = `
groups=""
while read -r verb group; do
  case "$verb" in
    add) groups="$groups $group" ;;
    remove)
      rest=""
      for each in $groups; do [ "$each" = "$group" ] || rest="$rest $each"; done
      groups="$rest" ;;
  esac
done
for each in $groups; do kill -s KILL -- "-$each" 2>/dev/null; done
exit 0
`;

const guarded = new Set<number>();
let shell: ChildProcess | undefined;

/** From now on the group ends with this process. */
export function guardGroup(group: number): void {
  guarded.add(group);
  shell ??= startShell();
  shell.stdin?.write(`add ${group}\n`);
}

/** The group has ended by itself; its number may be given to another. The shell goes with the last group. */
export function releaseGroup(group: number): void {
  if (!guarded.delete(group)) return;
  shell?.stdin?.write(`remove ${group}\n`);
  if (guarded.size > 0) return;
  shell?.stdin?.end();
  shell = undefined;
}

function startShell(): ChildProcess {
  // A session of its own: an interrupt typed at our terminal must not end it before us.
  const child = spawn('/bin/sh', ['-c', SCRIPT], { detached: true, stdio: ['pipe', 'ignore', 'ignore'] });
  child.on('error', () => undefined);
  child.stdin.on('error', () => undefined);
  child.unref();
  (child.stdin as unknown as { unref(): void }).unref();
  return child;
}

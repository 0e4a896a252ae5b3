import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/**
 * The keeper of an embedded Redis: a few lines of sh in a session of their own, so that a terminal's
 * Ctrl-C does not reach it. Arguments: the server's folder, then the server's command line.
 *
 * Its standard input is a pipe that only the owner holds open. When the owner ends, even by
 * `kill -9`, the pipe closes, and the keeper kills the server and removes the folder. A server that
 * crashes is restarted at the same socket, empty: the coordinator queues its work again.
 *
 * It stays in `wait`, since a trap interrupts only `wait` at once.
 */
export const KEEPER_SCRIPT = `
folder=$1; shift
trap '' INT HUP
echo $$ > "$folder/keeper.pid"
exec 3<&0
(cat <&3 >/dev/null; kill -TERM $$) 2>/dev/null &
lifeline=$!
server=
finish() {
  trap '' TERM
  test -n "$server" && kill -KILL "$server" 2>/dev/null
  wait "$server" 2>/dev/null
  kill -KILL "$lifeline" 2>/dev/null
  rm -rf "$folder"
  exit 0
}
trap finish TERM
while :; do
  "$@" </dev/null >/dev/null 2>&1 3<&- &
  server=$!
  wait "$server"
  server=
  sleep 0.2 & wait $!
done
`;

/** Prefix of the private folders of embedded Redis servers. */
export const FOLDER_PREFIX = 'lockstep-redis-';

/** Removes folders whose keeper no longer runs, because it was killed together with the run. */
export function sweepForgottenFolders(base: string): void {
  for (const name of readdirSync(base).filter((entry) => entry.startsWith(FOLDER_PREFIX))) {
    const folder = join(base, name);
    if (keeperIsGone(folder)) rmSync(folder, { recursive: true, force: true });
  }
}

/** A folder without a note of its keeper is just being created, or belongs to another user. */
function keeperIsGone(folder: string): boolean {
  try {
    process.kill(Number(readFileSync(join(folder, 'keeper.pid'), 'utf8')), 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}

import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** Whether this system reports which process listens on which port: Linux does. */
export const tellsPorts = process.platform === 'linux';

const LISTENING = '0A';

/** The TCP ports that these processes listen on, as the kernel has them, in ascending order. */
export function listeningPorts(pids: readonly number[]): readonly number[] {
  const sockets = new Set(pids.flatMap(socketsOf));
  const rows = ['tcp', 'tcp6'].flatMap((table) =>
    readFileSync(`/proc/net/${table}`, 'utf8').trim().split('\n').slice(1),
  );
  const ports = rows.flatMap((row) => {
    const [, local = '', , state, , , , , , inode = ''] = row.trim().split(/\s+/);
    const port = Number.parseInt(local.split(':').at(-1) ?? '', 16);
    return state === LISTENING && sockets.has(inode) ? [port] : [];
  });
  return [...new Set(ports)].sort((a, b) => a - b);
}

/** The inodes of a process's sockets; none of one that has ended. */
function socketsOf(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
      const [, inode] = /^socket:\[(\d+)\]$/.exec(linkOf(`/proc/${pid}/fd/${fd}`)) ?? [];
      return inode === undefined ? [] : [inode];
    });
  } catch {
    return [];
  }
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}

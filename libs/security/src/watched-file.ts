import { stat } from 'node:fs/promises';

/** The last valid content of a file. */
export interface WatchedFile<Content> {
  readonly content: Content;
  /**
   * Reads the file again if it has changed. An unreadable file does not change the content.
   *
   * @returns whether the content was read again
   * @throws what `read` throws, once for each change of the file
   */
  refresh(): Promise<boolean>;
}

/**
 * Reads a file now and, on demand, again. It is polled, not watched: secrets that Kubernetes mounts
 * change by a link three folders up, which a watch on the file itself would not notice.
 *
 * @param read reads and checks the content
 * @throws what `read` throws
 */
export async function watchFile<Content>(
  path: string,
  read: (path: string) => Promise<Content>,
): Promise<WatchedFile<Content>> {
  let seen = await stampOf(path);
  let content = await read(path);
  return {
    get content() {
      return content;
    },
    refresh: async () => {
      const stamp = await stampOf(path);
      if (stamp === seen) return false;
      seen = stamp;
      content = await read(path);
      return true;
    },
  };
}

async function stampOf(path: string): Promise<string> {
  try {
    const { ino, size, mtimeNs } = await stat(path, { bigint: true });
    return `${ino} ${size} ${mtimeNs}`;
  } catch {
    return 'none';
  }
}

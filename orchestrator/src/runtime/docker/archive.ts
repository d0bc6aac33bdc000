import { buffer } from 'node:stream/consumers';
import type { Readable } from 'node:stream';
import { extract, pack } from 'tar-stream';
import type { Engine } from './engine.js';
import { isRefusal } from './engine-error.js';

/** Results of a trial with their per-request rows may be large, and the engine remote. */
const TRANSFER_MS = 120_000;

/** A file or (without content) a folder to put into a container. */
export interface ArchiveEntry {
  /** Absolute path inside the container. */
  readonly path: string;
  readonly mode: number;
  readonly content: Uint8Array | null;
}

/**
 * Puts files into a container that has not been started; owned by root, folders that are missing are made.
 * @throws BenchError `engine-gone`; the engine's refusal.
 */
export async function putFiles(engine: Engine, containerId: string, entries: readonly ArchiveEntry[]): Promise<void> {
  const archive = pack();
  for (const { path, mode, content } of entries) {
    const name = path.replace(/^\/+/, '');
    if (content === null) archive.entry({ name, mode, type: 'directory' });
    else archive.entry({ name, mode }, Buffer.from(content));
  }
  archive.finalize();
  const body = await buffer(archive);
  await engine.call(
    'copy files into a container',
    (abortSignal) => engine.docker.getContainer(containerId).putArchive(body, { path: '/', abortSignal }),
    TRANSFER_MS,
  );
}

/**
 * Brings one file out of a container, running or exited; null when it is not there.
 * @throws BenchError `engine-gone`; the engine's refusal other than 404.
 */
export async function getFile(engine: Engine, containerId: string, path: string): Promise<Uint8Array | null> {
  try {
    return await engine.call(
      `copy ${path} out of a container`,
      async (abortSignal) => {
        const archive = await engine.docker.getContainer(containerId).getArchive({ path, abortSignal });
        return firstFile(archive as Readable);
      },
      TRANSFER_MS,
    );
  } catch (error) {
    if (isRefusal(error, 404)) return null;
    throw error;
  }
}

async function firstFile(archive: Readable): Promise<Uint8Array | null> {
  const extraction = extract();
  archive.on('error', (error) => extraction.destroy(error));
  archive.on('close', () => {
    if (!archive.readableEnded) extraction.destroy(new Error('the archive broke off'));
  });
  let content: Uint8Array | null = null;
  for await (const entry of archive.pipe(extraction)) {
    if (entry.header.type === 'file' && content === null) content = await buffer(entry);
    else entry.resume();
  }
  return content;
}

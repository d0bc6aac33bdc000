// Imported by each process of tests (node --import): whatever a test puts into the folder for temporary files lies in one of its own, which
// is gone when the test has ended. Programs that the test starts inherit the place.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const folder = mkdtempSync(join(tmpdir(), 'bench-test-'));
process.env.TMPDIR = folder;
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

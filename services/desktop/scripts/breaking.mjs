// Compares the protos with those of the main branch (or of the revision given)
// without a network: the old files are taken from git into a temporary folder.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const revision = process.argv[2] ?? 'main';
const folder = mkdtempSync(join(tmpdir(), 'zvon-protos-'));
try {
  const archive = execFileSync('git', ['-C', root, 'archive', revision, 'protos'], { maxBuffer: 64e6 });
  execFileSync('tar', ['-x', '-C', folder], { input: archive });
  const buf = fileURLToPath(new URL('buf.mjs', import.meta.url));
  execFileSync(process.execPath, [buf, 'breaking', join(root, 'protos'), '--against', join(folder, 'protos')], { stdio: 'inherit' });
  console.log(`protos: nothing breaks ${revision}`);
} catch (error) {
  console.error(`protos: breaking changes against ${revision}, or no such revision`);
  process.exitCode = error.status || 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}

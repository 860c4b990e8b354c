// Runs buf from its platform package. The wrapper package @bufbuild/buf lists
// platforms that not every registry carries, and `npm ci` refuses a lock file
// without them.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const platforms = { x64: 'linux-x64', arm64: 'linux-aarch64' };
const platform = platforms[process.arch];
if (process.platform !== 'linux' || !platform) {
  console.error(`buf: no package for ${process.platform} ${process.arch}; add it to package.json and here`);
  process.exit(1);
}
const binary = fileURLToPath(new URL(`../node_modules/@bufbuild/buf-${platform}/bin/buf`, import.meta.url));
const result = spawnSync(binary, process.argv.slice(2), { stdio: 'inherit' });
if (result.error) console.error(`buf: ${result.error.message}`);
process.exit(result.status ?? 1);

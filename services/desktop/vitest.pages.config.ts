import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

// The built application in Chromium against the fake gateway.
export default defineConfig({
  resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  test: {
    include: ['test/pages/**/*.test.ts'],
    environment: 'node',
    testTimeout: 60_000,
    hookTimeout: 60_000,
    fileParallelism: false,
  },
});

import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  plugins: [react()],
  resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  // `npx vite`: over a real gateway on its usual port.
  server: { proxy: { '/api': 'http://127.0.0.1:8080', '/ws': { target: 'ws://127.0.0.1:8080', ws: true } } },
  build: {
    target: 'es2022',
    // The CSP forbids data: URLs, so nothing is inlined.
    assetsInlineLimit: 0,
    // The polyfill would be an inline script.
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 900,
  },
  test: {
    include: ['src/**/*.test.{ts,tsx}', 'test/fake-gateway/*.test.ts'],
    environment: 'node',
    setupFiles: ['./test/setup.ts'],
    restoreMocks: true,
    // Components in jsdom are slow on a busy machine.
    testTimeout: 20_000,
    pool: 'threads',
    maxWorkers: 2,
  },
});

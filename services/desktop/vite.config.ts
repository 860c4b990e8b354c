import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';

// FAKE_GATEWAY=1: pages over the fake gateway instead of a real one.
const fake = process.env['FAKE_GATEWAY'] === '1';
const fakePlugins = async () => [(await import('./test/fake-gateway/vite-plugin')).fakeGatewayPlugin()];

export default defineConfig({
  plugins: [react(), fake ? fakePlugins() : []],
  resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  // With a real gateway on 8080: `npx vite`.
  server: fake
    ? {}
    : { proxy: { '/api': 'http://127.0.0.1:8080', '/ws': { target: 'ws://127.0.0.1:8080', ws: true } } },
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
    pool: 'threads',
    maxWorkers: 2,
  },
});

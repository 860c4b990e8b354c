import { defineConfig } from "vitest/config";

// One copy of the platform for all files (see src/global-setup.ts), one test
// at a time: the machine is small and audio is measured.
export default defineConfig({
  test: {
    include: ["tests/**/*.test.ts"],
    globalSetup: ["src/global-setup.ts"],
    fileParallelism: false,
    testTimeout: 120_000,
    hookTimeout: 120_000,
    teardownTimeout: 60_000,
    // Real processes on two shared cores: CI may try a test twice, and the report
    // says so ("retry x1"). Elsewhere a test that fails once has failed.
    retry: process.env.CI ? 1 : 0,
    reporters: ["verbose"],
  },
});

import { defineConfig, type ViteUserConfig } from 'vitest/config';

/** One test configuration for every room: Node only, specs beside the code, real processes allowed. */
export function shared(overrides: ViteUserConfig['test'] = {}): ViteUserConfig {
  return defineConfig({
    test: {
      include: ['src/**/*.spec.ts'],
      environment: 'node',
      testTimeout: 30_000,
      hookTimeout: 60_000,
      pool: 'forks',
      ...overrides,
    },
  });
}

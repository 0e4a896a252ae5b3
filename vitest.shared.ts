import { defineConfig, type ViteUserConfig } from 'vitest/config';

const LOOPBACK = 'localhost,127.0.0.1,::1';

/** One test configuration for every package: Node only, specs beside the code, real processes allowed. */
export function shared(overrides: ViteUserConfig['test'] = {}): ViteUserConfig {
  return defineConfig({
    test: {
      include: ['src/**/*.spec.ts'],
      environment: 'node',
      testTimeout: 30_000,
      hookTimeout: 60_000,
      pool: 'forks',
      // Test servers are local: never use the user's proxies for them.
      env: { NO_PROXY: LOOPBACK, no_proxy: LOOPBACK },
      ...overrides,
    },
  });
}

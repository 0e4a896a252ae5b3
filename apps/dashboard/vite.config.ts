import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { defineConfig, type Plugin } from 'vite';

/** A few bytes more would not be worth a second file and a negotiation. */
const LEAST_BYTES = 1_024;

/**
 * Puts `.br` and `.gz` beside what is sent as text, so that nothing is compressed while a run trains. Once
 * all is written: chunks are finished by other plugins until then.
 */
const precompressed = (): Plugin => ({
  name: 'lockstep:precompressed',
  apply: 'build',
  writeBundle({ dir = 'dist' }, bundle) {
    for (const fileName of Object.keys(bundle)) {
      const path = join(dir, fileName);
      const source = readFileSync(path);
      if (source.length < LEAST_BYTES || !/\.(html|js|css|svg)$/.test(fileName)) continue;
      const params = { [constants.BROTLI_PARAM_SIZE_HINT]: source.length };
      writeFileSync(`${path}.br`, brotliCompressSync(source, { params }));
      writeFileSync(`${path}.gz`, gzipSync(source, { level: 9 }));
    }
  },
});

export default defineConfig({
  // The page may lie behind a proxy's path: everything it asks for is relative to it.
  base: './',
  build: {
    target: ['chrome123', 'firefox121', 'safari17.5'],
    modulePreload: { polyfill: false },
    // Pictures stay files: the page's policy allows no data addresses.
    assetsInlineLimit: 0,
    reportCompressedSize: false,
  },
  server: { proxy: { '/api': process.env['LOCKSTEP_HTTP'] ?? 'http://127.0.0.1:8080' } },
  plugins: [precompressed()],
});

import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { describeContent } from './describe-content.js';

const text = (content: string): Uint8Array => Buffer.from(content);

describe('describeContent', () => {
  it.each<[string, Uint8Array, string]>([
    ['nothing', new Uint8Array(), 'empty'],
    ['a page', text('\n<!DOCTYPE html>\n<html><body>Not found</body></html>'), 'an HTML page'],
    ['a page after a comment', text('<!-- x --><HTML lang="en">'), 'an HTML page'],
    ['a refusal of an API', text('{"error": "not found"}'), 'JSON text'],
    ['a table', text('label,pixel0,pixel1\n5,0,0\n'), 'a CSV table'],
    ['prose', text('The data are elsewhere.\n'), 'plain text'],
    ['text in UTF-16', Buffer.from('\ufeffHello', 'utf16le'), 'plain text'],
    ['a pointer', text('version https://git-lfs.github.com/spec/v1\noid 1'), 'a Git LFS pointer'],
    ['a drawing', text('<svg xmlns="http://www.w3.org/2000/svg"></svg>'), 'an SVG drawing'],
    [
      'a ZIP',
      Buffer.concat([Buffer.from('PK\x03\x04\x14\0\0\0\0\0', 'latin1'), Buffer.alloc(40)]),
      'a ZIP archive',
    ],
    ['a gzip', gzipSync('x'), 'a gzip'],
    [
      'a JPEG',
      Buffer.concat([Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0, 16]), text('JFIF\0')]),
      'a JPEG picture',
    ],
    ['a GIF', text('GIF89a\x01\0\x01\0'), 'a GIF picture'],
    ['a PDF', text('%PDF-1.7\n'), 'a PDF document'],
    ['an array', Buffer.from('\x93NUMPY\x01\0', 'latin1'), 'a NumPy array'],
    ['idx of integers', Uint8Array.of(0, 0, 0x0c, 2, 0, 0, 0, 1), 'an idx file of 32-bit integers'],
    ['anything else', Uint8Array.of(1, 2, 3, 4, 250), 'binary data'],
  ])('names %s', async (_, bytes, words) => {
    expect((await describeContent(bytes)).words).toContain(words);
  });

  it('has words for whatever there is', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 100 }), async (bytes) => {
        expect((await describeContent(bytes)).words).toMatch(/^[a-z]/i);
      }),
    );
  });
});

/** The record beside each copy, within the 2 KB that S3 has for metadata. */
import fc from 'fast-check';
import { readRecord, utf8Length, withoutRecord, withRecord } from '../../src/domain/object-record';

const record = { sourceEtag: 'a'.repeat(32), run: 'run-1' };
const RECORD_BYTES = 'ferry-source-etag'.length + 32 + 'ferry-run'.length + 'run-1'.length;

describe('withRecord', () => {
  test('keeps the client’s metadata and adds the record', () => {
    const metadata = withRecord({ colour: 'red' }, record);
    expect(metadata).toEqual({ colour: 'red', 'ferry-source-etag': record.sourceEtag, 'ferry-run': 'run-1' });
    expect(readRecord(metadata)).toEqual(record);
  });

  test('replaces a record that came with the source', () => {
    expect(readRecord(withRecord({ 'ferry-source-etag': 'theirs', 'ferry-run': 'theirs' }, record))).toEqual(record);
  });

  test.each([
    ['fills 2,048 bytes together with the client’s', 2_048, true],
    ['is left out where it would be one byte too many', 2_049, false],
  ])('%s', (_name, bytes, kept) => {
    const own = { k: 'v'.repeat(bytes - RECORD_BYTES - 1) };
    expect(readRecord(withRecord(own, record))).toEqual(kept ? record : undefined);
    expect(withRecord(own, record)).toMatchObject(own);
  });

  test('names the source where that fits too, and is kept without it where it does not', () => {
    const named = { ...record, source: 'f'.repeat(32) };
    expect(readRecord(withRecord({ 'ferry-source': 'theirs' }, named))).toEqual(named);
    const own = { k: 'v'.repeat(2_048 - RECORD_BYTES - 1) };
    expect(readRecord(withRecord(own, named))).toEqual(record);
  });

  test('counts bytes, not characters', () => {
    const own = { k: 'ü'.repeat(1_000) };
    expect(withRecord(own, record)).toEqual(own);
  });

  test('leaves nothing of a foreign record where ours does not fit', () => {
    const own = { k: 'v'.repeat(2_000) };
    expect(withRecord({ ...own, 'ferry-source-etag': 'theirs', 'ferry-run': 'theirs' }, record)).toEqual(own);
  });
});

test.each([
  ['both are there', { 'ferry-source-etag': 'e', 'ferry-run': 'r' }, { sourceEtag: 'e', run: 'r' }],
  ['the run is missing', { 'ferry-source-etag': 'e' }, undefined],
  ['the ETag is missing', { 'ferry-run': 'r' }, undefined],
])('a record is read where %s', (_name, metadata, expected) => {
  expect(readRecord(metadata as Record<string, string>)).toEqual(expected);
});

test('metadata without the record is the client’s alone', () => {
  expect(withoutRecord({ a: '1', 'ferry-source-etag': 'e', 'ferry-run': 'r', 'ferry-source': 's' })).toEqual({
    a: '1',
  });
});

test('the length in UTF-8 is that of the bytes', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => expect(utf8Length(text)).toBe(Buffer.byteLength(text))),
  );
});

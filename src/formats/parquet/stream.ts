/**
 * The values of one column, page after page: nothing larger than a page is in memory.
 *
 * The main interface of hyparquet reads a column of a row group as a whole (with PyArrow, of a million rows) unless the
 * file has an index of its pages, which PyArrow leaves out; and it makes a JavaScript list of every row. So its decoders
 * of pages are called here, by way of the modules that its package exports under `src/`. They may change with any
 * release, which is why the version is pinned.
 */

import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { decompress as decompressZstd } from 'fzstd';
import type { ColumnMetaData, Compressors, DecodedArray, PageHeader, SchemaTree } from 'hyparquet';
import { parquetHeader } from 'hyparquet/src/column.js';
import { DEFAULT_PARSERS, convert, convertWithDictionary } from 'hyparquet/src/convert.js';
import { decompressPage, readDataPage, readDataPageV2 } from 'hyparquet/src/datapage.js';
import { getMaxDefinitionLevel } from 'hyparquet/src/schema.js';
import { readPlain } from 'hyparquet/src/plain.js';
import { FileProblem } from '../sandbox/worker.ts';

/** The values of one page, and how they lie in lists. */
export interface PageValues {
  /** A value for each place where one may be; `null` where there is none. */
  readonly values: DecodedArray;
  /** Places per row, where rows are lists. */
  readonly rows: Runs;
  /** Places per inner list, where rows are lists of lists. */
  readonly lists: Runs;
}

/** Lengths of what lies one after another; the first may have begun in the page before. */
export interface Runs {
  readonly continues: boolean;
  readonly lengths: readonly number[];
}

type ColumnDecoder = Parameters<typeof readDataPageV2>[2];
export type ReadBytes = (position: number, length: number) => Uint8Array<ArrayBuffer>;

const day = 86_400_000;
const iso = (milliseconds: number): string => new Date(milliseconds).toISOString();
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Dates and times become texts, which no number says as clearly; bytes become the text that they are. */
const parsers = {
  ...DEFAULT_PARSERS,
  timestampFromMilliseconds: (time: bigint) => iso(Number(time)),
  timestampFromMicroseconds: (time: bigint) => iso(Number(time / 1000n)),
  timestampFromNanoseconds: (time: bigint) => iso(Number(time / 1_000_000n)),
  dateFromDays: (days: number) => iso(days * day).slice(0, 10),
  stringFromBytes: (bytes: Uint8Array) => utf8.decode(bytes),
  jsonFromBytes: (bytes: Uint8Array) => utf8.decode(bytes),
};

const compressors: Compressors = {
  GZIP: (input, length) => gunzipSync(input, { maxOutputLength: Math.max(1, length) }),
  BROTLI: (input, length) => brotliDecompressSync(input, { maxOutputLength: Math.max(1, length) }),
  ZSTD: (input, length) => decompressZstd(input, new Uint8Array(length)),
};

const readCodecs = ['UNCOMPRESSED', 'SNAPPY', ...Object.keys(compressors)];

/** Walks through the pages of one column in one row group. */
export function* pagesOf(chunk: ColumnMetaData, path: readonly SchemaTree[], read: ReadBytes): Generator<PageValues> {
  const { codec } = chunk;
  if (!readCodecs.includes(codec))
    throw new FileProblem(`is packed with ${codec}; write it with snappy, gzip or zstd.`);
  const schemaPath = [...path];
  const decoder: ColumnDecoder = {
    pathInSchema: chunk.path_in_schema,
    type: chunk.type,
    element: schemaPath.at(-1)!.element,
    schemaPath,
    codec,
    parsers,
    compressors,
  };
  const begin = Number(chunk.dictionary_page_offset ?? 0n) || Number(chunk.data_page_offset);
  const end = begin + Number(chunk.total_compressed_size);
  const dense = lists(path);
  let dictionary: DecodedArray | undefined;
  let left = Number(chunk.num_values);
  for (let position = begin; left > 0 && position < end;) {
    const { header, length } = headerAt(position, end, read);
    checkSize(header, left);
    const bytes = read(position + length, header.compressed_page_size);
    position += length + header.compressed_page_size;
    const { data_page_header: v1, data_page_header_v2: v2, dictionary_page_header: words } = header;
    if (words !== undefined) {
      const page = decompressPage(bytes, header.uncompressed_page_size, codec, compressors);
      const view = new DataView(page.buffer, page.byteOffset, page.byteLength);
      dictionary = convert(
        readPlain({ view, offset: 0 }, chunk.type, words.num_values, decoder.element.type_length),
        decoder,
      );
      continue;
    }
    const description = v1 ?? v2;
    // Pages of indexes hold no values.
    if (description === undefined) continue;
    const page =
      v1 === undefined
        ? readDataPageV2(bytes, header, decoder)
        : readDataPage(decompressPage(bytes, header.uncompressed_page_size, codec, compressors), v1, decoder);
    left -= description.num_values;
    const values = convertWithDictionary(page.dataPage, dictionary, description.encoding, decoder);
    yield dense(values, page.definitionLevels ?? [], page.repetitionLevels, description.num_values);
  }
  if (left > 0)
    throw new FileProblem(`holds ${left} values too few in column "${path[1]!.element.name}"; copy it again.`);
}

function headerAt(position: number, end: number, read: ReadBytes): { header: PageHeader; length: number } {
  // Statistics of long texts can make a header long.
  for (let window = 2 ** 12; ; window *= 16) {
    const bytes = read(position, Math.min(window, end - position));
    const reader = { view: new DataView(bytes.buffer), offset: 0 };
    try {
      const header = parquetHeader(reader);
      return { header, length: reader.offset };
    } catch (error) {
      if (window >= end - position) throw error;
    }
  }
}

function checkSize(header: PageHeader, left: number): void {
  const { uncompressed_page_size: unpacked, compressed_page_size: packed } = header;
  const count = (header.data_page_header ?? header.data_page_header_v2)?.num_values ?? 0;
  if (!(packed >= 0) || !(unpacked >= 0) || !(count >= 0) || count > left)
    throw new FileProblem('has a page of impossible size; the file is damaged, copy it again.');
  const words = header.dictionary_page_header?.num_values ?? 0;
  if (unpacked > 2 ** 24 + 200 * packed || words < 0 || words > 8 * unpacked)
    throw new FileProblem(`unpacks ${unpacked} bytes from ${packed}; the file is damaged, or write it packed less.`);
}

/** Turns levels into places: which values are missing, and where lists begin. */
function lists(path: readonly SchemaTree[]) {
  const most = getMaxDefinitionLevel([...path]);
  // The level from which on a list at each depth has an element.
  const present: number[] = [];
  let level = 0;
  for (const { element } of path.slice(1)) {
    if (element.repetition_type !== 'REQUIRED') level++;
    if (element.repetition_type === 'REPEATED') present.push(level);
  }
  const depth = present.length;

  return (
    values: DecodedArray,
    defined: ArrayLike<number>,
    repeated: ArrayLike<number>,
    entries: number,
  ): PageValues => {
    const full = defined.length === 0;
    if (full && values.length !== entries) throw new Error(`${values.length} values in place of ${entries}`);
    const rows: number[] = [];
    const inner: number[] = [];
    const rowContinues = depth > 0 && repeated[0]! > 0;
    const listContinues = depth > 1 && repeated[0]! > 1;
    const places: unknown[] = [];
    const [outermost = 0, innermost = outermost] = present;
    let row = 0;
    let list = listContinues ? 0 : -1;
    let next = 0;
    for (let i = 0; i < entries; i++) {
      const at = full ? most : defined[i]!;
      if (depth > 0) {
        const from = repeated[i]!;
        if (from === 0 && i > 0) {
          rows.push(row);
          row = 0;
        }
        if (depth > 1 && from < 2 && at >= outermost) {
          if (list >= 0) inner.push(list);
          list = 0;
        }
        if (at < innermost) continue;
        row++;
        list++;
      }
      if (!full) places.push(at === most ? values[next++] : null);
    }
    if (depth > 0 && entries > 0) rows.push(row);
    if (depth > 1 && list >= 0) inner.push(list);
    return {
      values: full ? values : places,
      rows: { continues: rowContinues, lengths: rows },
      lists: { continues: listContinues, lengths: inner },
    };
  };
}

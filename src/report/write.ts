/** Writing a report, such that no file of another making is lost. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { checkFolder, makeFolder } from '../files/append.ts';
import { writeFileAtomic } from '../files/atomic.ts';
import { cardMark } from './card.ts';
import { csvHead } from './csv.ts';
import { generator } from './page.ts';
import type { MadeReport } from './report.ts';

/** What a file of a report has in it, by which it is known again. */
const marks: Readonly<Record<string, string>> = { '.html': generator, '.md': cardMark, '.csv': csvHead };

/**
 * The folder and the name of a page that is to be written. Throws an Error for a path that is no name of a page or lies where nothing can be written, and where the
 * page, or a file that comes beside it, is there and of another making.
 */
export function placeFor(out: string, beside: readonly string[]): { readonly folder: string; readonly name: string } {
  if (path.extname(out) !== '.html' || isFolder(out))
    throw new Error(`${out} is no name for a page: give a file that ends in .html, as in report/report.html.`);
  const [folder, name] = [path.dirname(out), path.basename(out)];
  for (const file of [name, ...beside].map((each) => path.join(folder, each)))
    if (existsSync(file) && !isOfReport(file))
      throw new Error(
        `${file} is there and was not made by decalign report, so it is not replaced: name a page in another folder.`,
      );
  checkFolder(folder);
  return { folder, name };
}

const isFolder = (file: string): boolean => existsSync(file) && statSync(file).isDirectory();

const isOfReport = (file: string): boolean =>
  statSync(file).isFile() && readFileSync(file, 'utf8').slice(0, 100_000).includes(marks[path.extname(file)]!);

/** Writes the files of a report to a folder, which is made where it is not there. Returns their paths. */
export function writeReport(folder: string, { files }: MadeReport): readonly string[] {
  makeFolder(folder);
  return files.map(({ name, content }) => {
    const file = path.join(folder, name);
    writeFileAtomic(file, content);
    return file;
  });
}

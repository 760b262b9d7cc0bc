/** The words of every command's help on what DATA may be. */
import { readableEndings } from '../../formats/formats.ts';

/** What may be given where a command takes a dataset. */
export const dataHelp =
  `"synthetic" or "digits", datasets that are made; or a data file (${readableEndings.join(' ')}), a dataset.yaml, ` +
  'or the folder of one, of packed data or of a published dataset';

/** The option `--model FILE`: a model of one's own, in a file that only the command line can name. */
import type { OwnModel } from '../../runs/own-model/code.ts';
import { isModelFile, loadModelFile } from '../../runs/own-model/load.ts';
import type { CliOption, Values } from './option.ts';
import { UsageError } from '../usage-error.ts';

/** The model in the file that `--model` names; undefined where it names a model of the table. */
export const modelFrom = async (model: string | undefined): Promise<Required<OwnModel> | undefined> =>
  model !== undefined && isModelFile(model) ? loadModelFile(model) : undefined;

/** The options of commands that use a run, for runs of a model of one's own. */
export const ownModelOptions = [
  { flag: '--model <file>', help: 'the file of your own model, of a run that was trained with one' },
  {
    flag: '--changed-model',
    help: 'use the file that --model names as it is now, though the run was trained with other code',
  },
] as const satisfies readonly CliOption[];

/**
 * The model of one's own that `ownModelOptions` name, and whether its code may have changed since the run was trained.
 */
export async function ownModelOf({
  model,
  changedModel = false,
}: Values<(typeof ownModelOptions)[number]>): Promise<
  (Required<OwnModel> & { readonly changed: boolean }) | undefined
> {
  const own = await modelFrom(model);
  if (own) return { ...own, changed: changedModel };
  if (changedModel) throw new UsageError('--changed-model goes with --model FILE, which it says may have changed.');
  if (model !== undefined)
    throw new UsageError(`--model ${model}: a run knows its own model by name; give a FILE here.`);
  return undefined;
}

/** A line of `metrics.jsonl`, of any release, as curves take it: by far the most of what is read, so without a schema. */
import { isTree, type Tree } from '../../../json/tree.ts';

export interface EpochLine {
  /** From 1. */
  readonly epoch: number;
  readonly losses: Tree;
  readonly valid: Tree;
  readonly diagnostics: Tree;
  readonly learningRate: unknown;
  readonly stage: string | undefined;
  readonly isBest: boolean;
}

/** Undefined for a line that is no epoch. */
export function epochIn(line: string): EpochLine | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (!isTree(value)) return undefined;
  const { epoch, losses, valid, diagnostics, learning_rate: learningRate, stage, best } = value;
  if (typeof epoch !== 'number' || !isTree(losses) || !isTree(valid)) return undefined;
  return {
    ...{ epoch, losses, valid, learningRate, isBest: best === true },
    diagnostics: isTree(diagnostics) ? diagnostics : {},
    stage: typeof stage === 'string' ? stage : undefined,
  };
}

/** In words, that so many lines are no epochs; undefined where there is none. */
export function damageText(damaged: number): string | undefined {
  if (damaged === 0) return undefined;
  const lines = damaged === 1 ? 'a line that is no epoch' : `${damaged} lines that are no epochs`;
  return `has ${lines} in its metrics.jsonl: the file is damaged`;
}

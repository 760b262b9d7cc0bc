/** A comparison as one JSON document: all that its tables hold, and what they leave out. */
import type { Row } from './compare.ts';
import { paperOf, type Comparison } from './cells.ts';

export function document(comparison: Comparison): unknown {
  const { data, rows, seeds, rule } = comparison;
  const paper = paperOf(comparison);
  return {
    format: 'decalign benchmark 1',
    data: {
      name: data.name,
      source: data.source,
      dataset: data.dataset,
      metrics: data.metrics,
      samples: data.samples,
      hash: data.hash,
      // Groups of the test samples, by which they are drawn anew; null where nothing tells any.
      groups: data.groups ? new Set(data.groups.values()).size : null,
      // Of cross-validation, how many folds, and what keeps samples in one: groups that were read, or that ids tell.
      ...(data.folds && { folds: { count: data.folds.count, by: data.folds.by, groups: data.folds.groups } }),
    },
    warnings: data.warnings,
    seeds,
    rule,
    // The table of the paper that `reported` comes from.
    ...(paper && { reported: { paper: 'arXiv 2503.11892', table: paper.source, dataset: paper.title } }),
    rows: rows.map(rowDocument),
  };
}

function rowDocument(row: Row): unknown {
  const { id, title, status, test, valid, against, tuned, failures, runs, reported, decoupling } = row;
  return {
    model: id,
    title,
    status,
    ...(test && valid && { mean: { valid: valid.mean, test: test.mean }, std: { valid: valid.std, test: test.std } }),
    runs: runs.map(({ directory, result }) => ({
      run: directory,
      seed: result.seed,
      best_epoch: result.best_epoch,
      epochs: result.epochs,
      valid: result.valid,
      test: result.test,
      seconds_per_step: result.seconds_per_step,
      peak_bytes: result.peak_bytes,
      seconds: result.seconds,
    })),
    ...(against && {
      // Tests of DecAlign's figures less those of this model.
      against,
    }),
    parameters: row.parameters,
    seconds_per_step: row.secondsPerStep,
    peak_bytes: row.peakBytes,
    // The score D of each run that has one, in their order.
    ...(decoupling && { decoupling }),
    ...(reported && { reported }),
    ...(tuned && { tuned }),
    ...(failures.length > 0 && { failures }),
  };
}

/** The commands by name, in the order of the help. A command's modules are loaded only when the command is called. */
import type { Command } from 'commander';

export const commands: Readonly<Record<string, () => Promise<Command>>> = {
  train: async () => (await import('./train/train.ts')).trainCommand,
  evaluate: async () => (await import('./evaluate.ts')).evaluateCommand,
  predict: async () => (await import('./predict/predict.ts')).predictCommand,
  explain: async () => (await import('./explain.ts')).explainCommand,
  inspect: async () => (await import('./inspect/inspect.ts')).inspectCommand,
  'init-data': async () => (await import('./init-data.ts')).initDataCommand,
  convert: async () => (await import('./convert/convert.ts')).convertCommand,
  align: async () => (await import('./align.ts')).alignCommand,
  export: async () => (await import('./export.ts')).exportCommand,
  serve: async () => (await import('./serve.ts')).serveCommand,
  benchmark: async () => (await import('./benchmark/benchmark.ts')).benchmarkCommand,
  ablate: async () => (await import('./ablate.ts')).ablateCommand,
  sweep: async () => (await import('./sweep.ts')).sweepCommand,
  plan: async () => (await import('./jobs/plan.ts')).planCommand,
  job: async () => (await import('./jobs/job.ts')).jobCommand,
  collect: async () => (await import('./jobs/collect.ts')).collectCommand,
  runs: async () => (await import('./runs.ts')).runsCommand,
  ui: async () => (await import('./ui.ts')).uiCommand,
  decoupling: async () => (await import('./decoupling.ts')).decouplingCommand,
  figures: async () => (await import('./figures.ts')).figuresCommand,
  report: async () => (await import('./report.ts')).reportCommand,
  compare: async () => (await import('./compare.ts')).compareCommand,
  reproduce: async () => (await import('./reproduce.ts')).reproduceCommand,
};

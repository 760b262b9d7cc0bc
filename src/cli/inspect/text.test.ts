import { describe, expect, it } from 'vitest';
import { synthetic } from '../../data/datasets/synthetic.ts';
import { reportOf } from '../../data/report/report.ts';
import { probeModalities } from '../../experiments/probes.ts';
import { datasetText, fileText } from './text.ts';

const dataset = synthetic({ samples: { train: 80, valid: 40, test: 10 } });
const inspected = {
  format: 'made',
  warnings: [`first ${'word '.repeat(40)}end`],
  ...reportOf(dataset),
  strength: probeModalities(dataset)!,
};

describe('datasetText', () => {
  it('shows what is wrong first, on lines that fit', () => {
    const lines = datasetText(inspected).split('\n');
    expect(lines.slice(0, 3)).toEqual(['synthetic: regression, -3 to 3 (made)', '', 'Warnings']);
    expect(lines[3]).toMatch(/^ {2}! first word/);
    expect(lines[4]).toMatch(/^ {4}word/);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThan(120);
  });

  it('has a table of splits, of modalities and of their strength', () => {
    const text = datasetText(inspected);
    expect(text).toMatch(/^split +samples +-3 .* 3\ntrain +80 .*\nvalid +40 .*\ntest +10 /m);
    expect(text).toMatch(/^text +\[12, 24\] +6( \d+){3} 12 /m);
    expect(text).toMatch(
      /^ +Acc-2 ↑ +Acc-2 ↑\n +MAE ↓ +Corr ↑ +neg\/pos +neg\/non-neg\nbest constant .*\ntext .*\naudio .*\nvision /m,
    );
  });

  it('says where nothing is wrong, and what it could not look at', () => {
    const { strength, ...unlabelled } = { ...inspected, warnings: [] };
    expect(strength.modalities).toHaveLength(3);
    const text = datasetText(unlabelled);
    expect(text).toContain('\nNo warnings.\n');
    expect(text).toContain('no groups, which --group COLUMN would name');
    expect(text).toContain('needs labels');
  });

  it('says of a batch that takes next to no memory that it takes less than a megabyte', () => {
    const memory = { total: 160, process: 160, data: 0, parameters: 0, step: 0, prediction: 0 };
    expect(datasetText({ ...inspected, memory_mb: memory })).toContain('160 MB of memory, less than one of them for a');
  });

  it('marks a modality that is no better than the constant', () => {
    const [first, ...others] = inspected.strength.modalities;
    const weak = { ...first!, scores: inspected.strength.constant };
    const text = datasetText({ ...inspected, strength: { ...inspected.strength, modalities: [weak, ...others] } });
    expect(text.match(/no better than the constant/g)).toHaveLength(1);
    expect(text).toMatch(/^text .*no better than the constant$/m);
  });
});

describe('fileText', () => {
  it('shows many groups of the same names by the first of them', () => {
    const videos = Object.fromEntries(
      Array.from({ length: 93 }, (_, n) => [`video${n}`, { features: 'float32 [9, 74]' }]),
    );
    const text = fileText({ format: 'HDF5', tensors: { data: videos, level: 3 } });
    expect(text).toMatch(/^format: HDF5\n/);
    expect(text.match(/features: float32 \[9, 74\]/g)).toHaveLength(3);
    expect(text).toContain('…: 90 more of the same names');
  });
});

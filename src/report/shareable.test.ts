import { homedir, userInfo } from 'node:os';
import { describe, expect, test } from 'vitest';
import { mapTexts } from '../json/tree.ts';
import { redaction, withoutExamples, withoutUnknown } from './shareable.ts';

const change = redaction({ paths: ['/mnt/the data of eve/mosi.pkl', 'runs/a'] });

describe('paths', () => {
  test.each([
    ['decalign train /home/eve/mosi.pkl --out ../eve/runs/a', 'decalign train mosi.pkl --out a'],
    ['"/srv/eve/bert" has no vocab.txt', '"bert" has no vocab.txt'],
    ['read (/srv/eve/a.csv, /srv/eve/b.csv) by rows', 'read (a.csv, b.csv) by rows'],
    [String.raw`C:\Users\eve\mosi.pkl is not here`, 'mosi.pkl is not here'],
    ['--set text.bert.path=~/models/bert', '--set text.bert.path=bert'],
    ['file:///home/eve/mosi.pkl', 'mosi.pkl'],
    ['read file:/data/eve/x by rows', 'read x by rows'],
    ['a.jsonl:/mnt/eve/y, line 3', 'a.jsonl:y, line 3'],
    ['eve@gpu:/srv/eve/mosi.pkl', 'eve@gpu:mosi.pkl'],
    ['cause:~/models/bert', 'cause:bert'],
    [String.raw`cause:D:\eve\mosi.pkl;/srv/eve/a | /srv/eve/b`, 'cause:mosi.pkl;a | b'],
    ['cat x|/srv/eve/a', 'cat x|a'],
    ['decalign train /mnt/the data of eve/mosi.pkl', 'decalign train mosi.pkl'],
    [`${homedir()}/x and ${process.cwd()}`, 'x and .'],
    [`${userInfo().username}/runs/a`, 'user/runs/a'],
  ])('%s', (text, told) => {
    expect(change(text)).toBe(told);
  });

  test('what is no path of this machine stays', () => {
    for (const text of [
      'runs/decalign',
      '1 / 2',
      'and/or',
      'n/a',
      'https://example.org/a/b',
      'see https://example.org:8080/a/b, or a:https://example.org/c',
      'ratio: 1:2/3',
      'Acc-2 (neg/pos)',
      'MAE 0.5',
    ])
      expect(change(text)).toBe(text);
  });
});

describe('ids', () => {
  const anonymous = redaction({
    paths: [],
    names: new Map([
      ['3aIQUQgawaI$_$12', 'sample 1'],
      ['17', 'sample 2'],
      ['3aIQUQgawaI', 'group 1'],
    ]),
  });

  test('are told by numbers: where they are all of a text, in quotes, and as words that are nothing else', () => {
    expect(anonymous('17')).toBe('sample 2');
    expect(anonymous('2 samples ("3aIQUQgawaI$_$12", "17") have 17 steps of 3aIQUQgawaI.')).toBe(
      '2 samples ("sample 1", "sample 2") have 17 steps of group 1.',
    );
  });

  test('are so in every text of a value, and numbers and keys stay', () => {
    expect(mapTexts({ a: ['17', 17], '17': { id: '17', none: undefined } }, anonymous)).toEqual({
      a: ['sample 2', 17],
      '17': { id: 'sample 2', none: undefined },
    });
  });
});

test('the examples of a warning are left out of an anonymous report, whatever ids are like', () => {
  expect(
    withoutExamples(
      '4 ids in more than one split (John Doe, 104233, Ann-Lee (the first), … 1 more): keep each in one.',
    ),
  ).toBe('4 ids in more than one split: keep each in one.');
  expect(withoutExamples('The modality "audio" never varies.')).toBe('The modality "audio" never varies.');
});

test('what stands in quotes in a warning is left out of an anonymous report, unless it is known to be no id', () => {
  expect(withoutUnknown('"audio" of sample "train-3" has 7 steps; "s1" has 5.', new Set(['audio', 's1']))).toBe(
    '"audio" of sample "…" has 7 steps; "s1" has 5.',
  );
});

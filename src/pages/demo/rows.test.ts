import { expect, test } from 'vitest';
import { rowsIn } from './rows.ts';

const plain = (text: string): unknown =>
  rowsIn(text).map(({ cells, where }) => ({ where, ...Object.fromEntries(cells) }));

test('JSON may be a line each, one object over many lines, or a list', () => {
  const rows = [
    { where: 'line 1', id: 'a', text: [[1, 2]] },
    { where: 'line 3', id: 'b', text: [[3, null]] },
  ];
  expect(plain('{"id":"a","text":[[1,2]]}\n\n{"id":"b","text":[[3,NaN]]}\n')).toEqual(rows);
  expect(plain('{\n "id": "a",\n "text": [[1, 2]]\n}')).toEqual([{ ...rows[0], where: 'sample 1' }]);
  expect(plain('[{"id":"a","text":[[1,2]]},{"id":"b","text":[[3,null]]}]')).toEqual([
    { ...rows[0], where: 'sample 1' },
    { ...rows[1], where: 'sample 2' },
  ]);
});

test('a table has its names on the first line, whatever separates its cells', () => {
  const rows = [
    { where: 'line 2', id: 'a', age: 4.5, town: 'Bern, CH' },
    { where: 'line 4', id: 'b', age: null, town: 'two\nlines' },
  ];
  expect(plain('id,age,town\na,4.5,"Bern, CH"\r\n\nb,,"two\nlines"\n')).toEqual(rows);
  expect(plain('\uFEFFid;age;town\na;4,5;"Bern, CH"\n\nb;;"two\nlines"')).toEqual(rows);
  expect(plain('id\tage\tsaid\na\t4.5\tan ""odd"" one')).toEqual([
    { where: 'line 2', id: 'a', age: 4.5, said: 'an ""odd"" one' },
  ]);
  expect(rowsIn('id,sum\na,1.50')[0]!.texts!.get('sum')).toBe('1.50');
});

test.each([
  ['', 'There is no sample here: give at least one row.'],
  ['id,age\n', 'There is no sample here: give at least one row.'],
  ['{"id":"a"}\nnothing', 'Line 2 is no JSON object: write each sample on a line of its own.'],
  ['[1]', 'Sample 1 is no JSON object: write {"id": …, …}.'],
  ['id,age,age\na,1,2', 'Line 1 names two columns "age": rename one.'],
  ['id,age\na,1\nb', 'Line 3 has 1 cells, and the first line names 2 columns.'],
  ['id,age\na,"1"2', 'Line 2 has a quote where none may be: write it twice, inside of quotes.'],
  ['id,age\na,"1', 'Line 2 has a quote where none may be: write it twice, inside of quotes.'],
])('%j is refused in words', (text, message) => {
  expect(() => rowsIn(text)).toThrow(message);
});

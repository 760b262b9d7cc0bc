import { describe, expect, test } from 'vitest';
import { columnsNamed } from './names.ts';

const names = ['id', 'x0', 'x1', 'x2', 'x10', 'age', 'a*b', '!odd', 'label'];
const of = (...patterns: string[]): string[] => columnsNamed(patterns, { names, reserved: new Set(['id', 'label']) });

describe('columnsNamed', () => {
  test.each<[string[], string[]]>([
    [
      ['age', 'x1'],
      ['age', 'x1'],
    ],
    [['x*'], ['x0', 'x1', 'x2', 'x10']],
    [['x0..x2'], ['x0', 'x1', 'x2']],
    [
      ['x*', '!x10', 'age'],
      ['x0', 'x1', 'x2', 'age'],
    ],
    [
      ['!x*', '!age'],
      ['a*b', '!odd'],
    ],
    [['a*b'], ['a*b']],
    [['!odd'], ['!odd']],
    [
      ['x1', 'x*'],
      ['x1', 'x0', 'x2', 'x10'],
    ],
  ])('%j means %j', (patterns, columns) => {
    expect(of(...patterns)).toEqual(columns);
  });

  test('a pattern never means what is reserved, which is a label or an id, but by its whole name', () => {
    expect(of('*')).toEqual(['x0', 'x1', 'x2', 'x10', 'age', 'a*b', '!odd']);
    expect(of('label')).toEqual(['label']);
  });

  test('numbers of a range are as wide as its first, and all of them are there', () => {
    const wide = Array.from({ length: 12 }, (_, i) => `f${String(i).padStart(2, '0')}`);
    const given = { names: wide, reserved: new Set<string>() };
    expect(columnsNamed(['f08..f11'], given)).toEqual(['f08', 'f09', 'f10', 'f11']);
    expect(() => of('x0..x9')).toThrow('has no "x3", which is one of "x0..x9".');
  });

  test('what means no column is an error with the nearest name', () => {
    expect(() => of('agee')).toThrow('has no "agee"; did you mean "age"?');
    expect(() => of('y*')).toThrow('has no "y*"; ');
    expect(() => of('!y*')).toThrow('has no "y*"; ');
  });
});

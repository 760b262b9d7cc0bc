/**
 * Makes three small tables of 300 people in a folder: two numbers of the voice, three of the face, and three labels that
 * are true of a person or not. One of them is not known of every tenth person.
 *
 *   node examples/make-people.mjs people
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { argv } from 'node:process';

const [folder = 'people'] = argv.slice(2);
const count = 300;

/** Numbers that are spread like those of a normal distribution, the same in every run. */
function* normals() {
  const uniform = (n) => (Math.sin(n * 12.9898 + 4.1414) * 43758.5453) % 1;
  for (let n = 1; ; n += 2)
    yield Math.sqrt(-2 * Math.log(Math.abs(uniform(n)) || 0.5)) * Math.cos(2 * Math.PI * uniform(n + 1));
}

const source = normals();
const draw = () => source.next().value;
const number = (x) => x.toFixed(3);
const people = Array.from({ length: count }, (_, n) => {
  const [voice, face] = [draw(), draw()];
  const noisy = (x) => number(x + 0.3 * draw());
  return {
    id: `p${n}`,
    voice: [noisy(voice), noisy(-voice)],
    face: [noisy(face), noisy(2 * face), noisy(0)],
    labels: [Number(face > 0.3), n % 10 === 0 ? '' : Number(voice > 0.8), Number(voice * face > 0)],
  };
});

const tables = {
  voice: ['pitch', 'volume'],
  face: ['brow', 'mouth', 'gaze'],
  labels: ['label_happy', 'label_loud', 'label_agree'],
};
mkdirSync(folder, { recursive: true });
for (const [name, columns] of Object.entries(tables)) {
  const rows = people.map((person) => [person.id, ...person[name]].join(','));
  writeFileSync(path.join(folder, `${name}.csv`), `${[['id', ...columns].join(','), ...rows].join('\n')}\n`);
}

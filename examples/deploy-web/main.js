/** Opens the export that lies in model/ beside the page, and predicts the samples that a visitor pastes. */
import { openExport, samplesIn } from 'decalign/web';

const [form, pasted, button, output] = ['form', 'textarea', 'button', 'output'].map((name) =>
  document.querySelector(name),
);
const show = (...lines) => (output.textContent = lines.join('\n'));

try {
  const model = await openExport('model/');
  show('The model takes, of each sample:', ...model.description.inputs.map(describe));
  button.disabled = false;
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    const warnings = [];
    try {
      const samples = await samplesIn(pasted.value, model.description, { warn: (line) => warnings.push(line) });
      const predictions = await model.predict(samples);
      show(...predictions.map((prediction) => JSON.stringify(prediction)), ...warnings);
    } catch (error) {
      show(error.message);
    }
  });
} catch (error) {
  show(error.message);
}

function describe({ name, shape: [, ...size], meaning }) {
  return `${name} [${size.join(', ')}]: ${meaning}`;
}

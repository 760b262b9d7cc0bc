/** What a server counts, as Prometheus reads it. */
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

export interface Metrics {
  /** A request that was answered: its path as the table of endpoints has it, the model where one is meant, milliseconds. */
  request(request: {
    readonly route: string;
    readonly model: string;
    readonly status: number;
    readonly ms: number;
  }): void;
  /** A run of a model: its rows and milliseconds. */
  run(model: string, rows: number, ms: number): void;
  /** Milliseconds that a request waited for a model. */
  waited(model: string, ms: number): void;
  /** The text that `GET /metrics` answers. */
  text(): Promise<string>;
  readonly contentType: string;
}

const seconds = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** `depths` are the requests that wait, by model; `process` also measures the process: memory, processor, garbage. */
export function openMetrics(
  depths: () => ReadonlyMap<string, number>,
  { process = false }: { readonly process?: boolean } = {},
): Metrics {
  const registry = new Registry();
  const registers = [registry];
  if (process) collectDefaultMetrics({ register: registry });
  const requests = new Counter({
    ...{ name: 'decalign_requests_total', help: 'Requests that were answered.', registers },
    labelNames: ['route', 'model', 'status'],
  });
  const requestSeconds = new Histogram({
    ...{ name: 'decalign_request_seconds', help: 'From the arrival of a request to its answer.', registers },
    ...{ labelNames: ['route', 'model'], buckets: seconds },
  });
  const waitSeconds = new Histogram({
    ...{ name: 'decalign_queue_seconds', help: 'How long requests waited for a model.', registers },
    ...{ labelNames: ['model'], buckets: seconds },
  });
  const runSeconds = new Histogram({
    ...{ name: 'decalign_batch_seconds', help: 'How long a model computed a batch.', registers },
    ...{ labelNames: ['model'], buckets: seconds },
  });
  const runRows = new Histogram({
    ...{ name: 'decalign_batch_samples', help: 'Samples that a model took together.', registers },
    ...{ labelNames: ['model'], buckets: [1, 2, 4, 8, 16, 32, 64, 128, 256] },
  });
  new Gauge({
    ...{ name: 'decalign_queue_requests', help: 'Requests that wait for a model.', labelNames: ['model'], registers },
    collect() {
      for (const [model, depth] of depths()) this.set({ model }, depth);
    },
  });
  return {
    request({ route, model, status, ms }) {
      requests.inc({ route, model, status: String(status) });
      requestSeconds.observe({ route, model }, ms / 1000);
    },
    run(model, rows, ms) {
      runSeconds.observe({ model }, ms / 1000);
      runRows.observe({ model }, rows);
    },
    waited: (model, ms) => waitSeconds.observe({ model }, ms / 1000),
    text: () => registry.metrics(),
    contentType: registry.contentType,
  };
}

/** The routes that start, stop and go on with runs, where the server was started with `--allow-start`. */
import { Hono, type Context } from 'hono';
import { HTTPException } from 'hono/http-exception';
import * as z from 'zod';
import { ConfigError } from '../../../config/index.ts';
import type { RunRequest, Started } from '../api/start.ts';
import { idOf } from '../folder/ids.ts';
import { redacted } from '../redacted.ts';
import { runNamed, type Served } from '../served.ts';
import { errorsOf, startErrors, startForm } from './start-form.ts';
import { StartError, type Starter } from './starter.ts';

const startSchema = z.strictObject({
  model: z.string(),
  data: z.string(),
  recipe: z.exactOptional(z.string()),
  seed: z.exactOptional(z.string()),
  name: z.exactOptional(z.string()),
  values: z.record(z.string(), z.string()),
});
const runSchema: z.ZodType<RunRequest> = z.strictObject({ id: z.string() });

export function startRoutes(served: Served, starter: Starter): Hono {
  const { folder, data } = served;
  const redact = redacted(folder.root, { data });
  const app = new Hono();
  app.get('/form', (context) => {
    const { model = 'decalign', recipe, data: named } = context.req.query();
    try {
      return context.json(startForm({ model, recipe, data: named }, data));
    } catch (error) {
      if (error instanceof ConfigError) throw new HTTPException(400, { message: error.message });
      throw error;
    }
  });
  app.post('/start', async (context) => {
    const request = await bodyOf(context, startSchema);
    const errors = startErrors(request);
    if (errors) return context.json(errors, 422);
    try {
      return context.json({ id: idOf(folder.root, await starter.start(request)) } satisfies Started);
    } catch (error) {
      if (!(error instanceof StartError)) throw error;
      const { key } = error;
      return context.json(errorsOf([{ message: redact(error.message), ...(key !== undefined && { key }) }]), 422);
    }
  });
  app.post('/stop', async (context) => {
    const { directory } = await ownRun(context);
    return context.json(
      await told(() => {
        starter.stop(directory);
        return directory;
      }),
    );
  });
  app.post('/resume', async (context) => {
    const { directory } = await ownRun(context);
    return context.json(
      await told(async () => {
        await starter.resume(directory);
        return directory;
      }),
    );
  });

  const ownRun = async (context: Context): ReturnType<typeof runNamed> =>
    runNamed(served, (await bodyOf(context, runSchema)).id);

  /** The id of the run in the directory that `act` gives; a StartError is told as what is wrong with the request. */
  async function told(act: () => string | Promise<string>): Promise<Started> {
    try {
      return { id: idOf(folder.root, await act()) };
    } catch (error) {
      if (!(error instanceof StartError)) throw error;
      throw new HTTPException(422, { message: redact(error.message) });
    }
  }
  return app;
}

async function bodyOf<T>(context: Context, schema: z.ZodType<T>): Promise<T> {
  const parsed = schema.safeParse(await context.req.json().catch(() => undefined));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new HTTPException(400, {
    message: `This is no request of the form: ${[...issue!.path.map(String), issue!.message].join(' ')}.`,
  });
}

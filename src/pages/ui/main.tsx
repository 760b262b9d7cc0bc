import { render } from 'preact';
import './main.css';
import { App } from './app.tsx';
import { start } from './live.ts';
import { followLinks } from './navigation.ts';
import { openSession } from './session.ts';

followLinks();
render(<App />, document.getElementById('app')!);
await openSession();
await start();

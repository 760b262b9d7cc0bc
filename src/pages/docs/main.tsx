/** The page on a server of models: what it serves, what it answers, and a form to try it. */
import { render } from 'preact';
import { App } from './app.tsx';
import './main.css';

render(<App />, document.body);

import { render } from 'preact';
import './design/tokens.css';
import './design/base.css';
import { App } from './app/app.js';
import { applyTheme } from './app/theme.js';

applyTheme();
const page = document.getElementById('page');
if (page) render(<App />, page);

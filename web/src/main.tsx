import { render } from 'preact';
import './acting/agent'; // first: it takes the token out of the address
import { App } from './app';
import { applyTheme } from './theme';

applyTheme();
const place = document.getElementById('app');
if (place) {
  place.textContent = '';
  render(<App />, place);
}

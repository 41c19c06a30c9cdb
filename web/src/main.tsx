import { render } from 'preact';
import { App } from './app';
import { applyTheme } from './theme';

applyTheme();
const place = document.getElementById('app');
if (place) {
  place.textContent = '';
  render(<App />, place);
}

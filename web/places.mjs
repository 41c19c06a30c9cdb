// places.mjs: where the countries are that the coarse map (1:110m) leaves out. They are drawn as
// points at the middle of their fine outline (1:50m).
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { geoCentroid } from 'd3-geo';
import { feature } from 'topojson-client';

const atlas = join(dirname(fileURLToPath(import.meta.url)), 'node_modules', 'world-atlas');
const round = (degrees) => Math.round(degrees * 10) / 10;

/** {"470": [14.4, 35.9], ...}: ISO 3166-1 numeric code -> [longitude, latitude], degrees. */
export function smallCountries() {
  const read = (name) => {
    const topology = JSON.parse(readFileSync(join(atlas, name), 'utf8'));
    return feature(topology, topology.objects.countries).features;
  };
  const drawn = new Set(read('countries-110m.json').map((shape) => shape.id));
  const points = {};
  for (const shape of read('countries-50m.json')) {
    if (shape.id === undefined || drawn.has(shape.id) || points[shape.id] !== undefined) continue;
    points[shape.id] = geoCentroid(shape).map(round);
  }
  return points;
}

/** The module "comity:places" for esbuild. */
export const places = {
  name: 'places',
  setup(build) {
    build.onResolve({ filter: /^comity:places$/ }, (args) => ({ path: args.path, namespace: 'places' }));
    build.onLoad({ filter: /.*/, namespace: 'places' }, () => ({
      contents: JSON.stringify(smallCountries()),
      loader: 'json',
    }));
  },
};

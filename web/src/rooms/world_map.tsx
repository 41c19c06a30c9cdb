// world_map: the countries of today, coloured. Countries too small for the coarse outline are points;
// parties that today's map does not show stand under it in words.
import { geoNaturalEarth1, geoPath } from 'd3-geo';
import type { Feature } from 'geojson';
import type { JSX } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import { feature } from 'topojson-client';
import type { GeometryCollection, Topology } from 'topojson-specification';
import atlas from 'world-atlas/countries-110m.json';
import points from 'comity:places';
import type { World } from '../model/world';

export type MarkKind =
  | 'full'
  | 'associate'
  | 'observer'
  | 'suspended'
  | 'heat-1'
  | 'heat-2'
  | 'heat-3'
  | 'heat-4'
  | 'heat-5';

export interface Mark {
  kind: MarkKind;
  words: string;
}

const width = 960;
const height = 460;

interface Drawn {
  numeric: string;
  outline?: string;
  point?: [number, number];
}

let drawn: { sphere: string; places: Drawn[] } | null = null;

function draw(): { sphere: string; places: Drawn[] } {
  if (drawn) return drawn;
  const topology = atlas as unknown as Topology<{ countries: GeometryCollection }>;
  const shapes = (feature(topology, topology.objects.countries).features as Feature[]).filter((shape) => shape.id !== '010');
  const projection = geoNaturalEarth1().fitExtent(
    [
      [2, 2],
      [width - 2, height - 2],
    ],
    { type: 'FeatureCollection', features: shapes },
  );
  const path = geoPath(projection).digits(1);
  const places: Drawn[] = shapes.map((shape) => ({ numeric: String(shape.id ?? ''), outline: path(shape) ?? '' }));
  for (const [numeric, at] of Object.entries(points)) {
    const point = projection(at);
    if (point) places.push({ numeric, point });
  }
  drawn = { sphere: path({ type: 'Sphere' }) ?? '', places };
  return drawn;
}

export function WorldMap({ world, marks, chosen, choose }: {
  world: World;
  marks: ReadonlyMap<string, Mark>;
  chosen: string;
  choose: (party: string) => void;
}): JSX.Element {
  const { sphere, places } = useMemo(draw, []);
  const [over, setOver] = useState('');
  const byNumeric = useMemo(() => {
    const found = new Map<string, string>();
    for (const party of world.parties.values()) if (party.numeric) found.set(party.numeric, party.id);
    return found;
  }, [world]);
  const shown = new Set(places.map((place) => byNumeric.get(place.numeric)));
  const elsewhere = [...marks].filter(([id]) => !shown.has(id));
  const name = (id: string): string => world.parties.get(id)?.name ?? id;
  const marked = marks.get(over);
  // What is chosen is drawn last, so that its border is whole.
  const order = [...places].sort(
    (a, b) => Number(byNumeric.get(a.numeric) === chosen) - Number(byNumeric.get(b.numeric) === chosen),
  );
  return (
    <figure class="map">
      <svg
        viewBox={`0 0 ${width} ${height}`}
        role="img"
        aria-label="Map of the world. The table view holds the same facts."
        onPointerLeave={() => setOver('')}
      >
        <path d={sphere} class="sphere" />
        {order.map((place) => {
          const party = byNumeric.get(place.numeric) ?? '';
          const mark = marks.get(party);
          const events = party
            ? {
                onClick: () => choose(party),
                onPointerEnter: () => setOver(party),
              }
            : {};
          const look = `land ${mark ? `mark-${mark.kind}` : ''} ${party && party === chosen ? 'chosen' : ''}`;
          return place.outline !== undefined ? (
            <path key={place.numeric} d={place.outline} class={look} {...events} />
          ) : (
            <circle key={place.numeric} cx={place.point?.[0]} cy={place.point?.[1]} r={mark ? 3.2 : 2} class={look} {...events} />
          );
        })}
      </svg>
      <figcaption class="quiet" aria-hidden="true">
        {over ? `${name(over)}${marked ? `: ${marked.words}` : ''}` : 'Point at a country for its name; click for its alliances.'}
      </figcaption>
      {elsewhere.length > 0 && (
        <p class="quiet">
          Not on today’s map: {elsewhere.map(([id]) => name(id)).sort((a, b) => a.localeCompare(b, 'en')).join(', ')}.
        </p>
      )}
    </figure>
  );
}

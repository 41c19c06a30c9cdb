// world_graph: alliances as circles, the larger the more members; near and joined where they share many.
// The places are computed once from the whole history, so that nothing jumps while time moves.
import { forceCollide, forceLink, forceManyBody, forceSimulation, forceX, forceY } from 'd3-force';
import type { SimulationNodeDatum } from 'd3-force';
import type { JSX } from 'preact';
import { useMemo } from 'preact/hooks';
import type { Alliance } from '../api/types';
import { ties, type Snapshot, type World } from '../model/world';
import { Table } from '../ui/table';
import { number, plural } from '../ui/format';

const width = 960;
const height = 520;

interface Node extends SimulationNodeDatum {
  id: string;
  alliance: Alliance;
  most: number;
}

const radius = (members: number): number => 5 + Math.sqrt(members) * 2.4;

/** Spreads the nodes over the drawing, whatever the forces left. */
function fit(nodes: Node[]): void {
  const spread = (values: number[], size: number, margin: number): ((v: number) => number) => {
    const least = Math.min(...values);
    const most = Math.max(...values);
    return (v) => (most === least ? size / 2 : margin + ((v - least) / (most - least)) * (size - 2 * margin));
  };
  const x = spread(nodes.map((node) => node.x ?? 0), width, 56);
  const y = spread(nodes.map((node) => node.y ?? 0), height, 46);
  for (const node of nodes) {
    node.x = x(node.x ?? 0);
    node.y = y(node.y ?? 0);
  }
}

/** Everyone who was ever a member counts for the places. */
function layout(world: World): Map<string, Node> {
  const ever = new Map(
    world.alliances.map((alliance) => {
      const parties = new Set((world.events.get(alliance.id) ?? []).map((event) => event.party));
      return [alliance.id, [...parties].map((party) => ({ party }))];
    }),
  );
  const nodes: Node[] = world.alliances.filter((alliance) => ever.get(alliance.id)?.length).map((alliance) => ({
    id: alliance.id,
    alliance,
    most: ever.get(alliance.id)?.length ?? 0,
  }));
  const near = ties(ever)
    .filter((tie) => tie.weight > 0.3)
    .slice(0, 400)
    .map((tie) => ({ source: tie.a, target: tie.b, weight: tie.weight }));
  const simulation = forceSimulation(nodes)
    .force('near', forceLink<Node, { source: string | Node; target: string | Node; weight: number }>(near)
      .id((node) => node.id)
      .distance((link) => 150 - 80 * link.weight)
      .strength((link) => 0.06 * link.weight))
    .force('apart', forceManyBody().strength(-160))
    .force('room', forceCollide<Node>((node) => Math.max(radius(node.most), 26) + 5))
    .force('x', forceX(width / 2).strength(0.05))
    .force('y', forceY(height / 2).strength(0.11))
    .stop();
  simulation.tick(260);
  fit(nodes);
  return new Map(nodes.map((node) => [node.id, node]));
}

export function Graph({ world, shot, chosen, party, choose }: {
  world: World;
  shot: Snapshot;
  chosen: string;
  party: string;
  choose: (alliance: string) => void;
}): JSX.Element {
  const places = useMemo(() => layout(world), [world]);
  const found = useMemo(() => ties(shot.members), [shot]);
  const lines = chosen ? found.filter((tie) => tie.a === chosen || tie.b === chosen) : found.filter((tie) => tie.weight >= 0.6).slice(0, 160);
  const nodes = [...shot.members]
    .map(([id, list]) => ({ id, list, node: places.get(id) }))
    .filter((one) => one.node !== undefined && one.list.length > 0);
  const absent = shot.members.size - nodes.length;
  const near = new Set(lines.flatMap((tie) => [tie.a, tie.b]));
  const code = (id: string): string => places.get(id)?.alliance.code ?? id;
  return (
    <>
      <figure class="graph">
        <svg viewBox={`0 0 ${width} ${height}`} role="img" aria-label="Graph of alliances that share members. The table under it holds the same facts.">
          {lines.map((tie) => {
            const a = places.get(tie.a);
            const b = places.get(tie.b);
            return (
              <line key={`${tie.a}${tie.b}`} class="tie" x1={a?.x} y1={a?.y} x2={b?.x} y2={b?.y} stroke-width={0.4 + 1.8 * tie.weight} />
            );
          })}
          {nodes.map(({ id, list, node }) => {
            const has = party !== '' && list.some((one) => one.party === party);
            const look = `node ${id === chosen ? 'chosen' : ''} ${has ? 'has' : ''} ${chosen && id !== chosen && !near.has(id) ? 'far' : ''}`;
            const r = radius(list.length);
            return (
              <g key={id} class={look} onClick={() => choose(id)} transform={`translate(${node?.x?.toFixed(1)} ${node?.y?.toFixed(1)})`}>
                <circle r={r.toFixed(1)} />
                <text y={r > 22 ? 4 : r + 11}>{node?.alliance.code}</text>
                <title>{`${node?.alliance.name}: ${list.length} members`}</title>
              </g>
            );
          })}
        </svg>
      </figure>
      {absent > 0 && (
        <p class="quiet">
          {plural(absent, 'alliance')} without members on this day {absent === 1 ? 'is' : 'are'} not drawn.
        </p>
      )}
      <details class="facts-under" open={chosen !== ''}>
        <summary>The same as a table</summary>
        <Table
          caption={chosen ? `Alliances that share members with ${code(chosen)} on ${shot.day}` : `Pairs of alliances that share most on ${shot.day}`}
          rows={lines.slice(0, 200)}
          keyOf={(tie) => tie.a + tie.b}
          columns={[
            { head: 'Alliance', name: true, cell: (tie) => code(tie.a) },
            { head: 'and', cell: (tie) => code(tie.b) },
            { head: 'Shared', number: true, cell: (tie) => number(tie.shared) },
            { head: 'Of the smaller', number: true, cell: (tie) => `${Math.round(tie.weight * 100)} %` },
          ]}
        />
      </details>
    </>
  );
}

// metrics: reads the daemon's figures (Prometheus text format 0.0.4).
export interface Sample {
  name: string;
  labels: Record<string, string>;
  value: number;
}

export type Metrics = readonly Sample[];

const number = (text: string): number => (text === '+Inf' ? Infinity : text === '-Inf' ? -Infinity : Number(text));

export function readMetrics(text: string): Metrics {
  const samples: Sample[] = [];
  for (const line of text.split('\n')) {
    const found = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/.exec(line);
    if (!found) continue;
    const labels: Record<string, string> = {};
    for (const [, name, value] of (found[2] ?? '').matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g))
      if (name !== undefined) labels[name] = (value ?? '').replace(/\\(.)/g, '$1');
    samples.push({ name: found[1] ?? '', labels, value: number(found[3] ?? '') });
  }
  return samples;
}

export interface Histogram {
  count: number;
  /** The upper bound of the step in which the share of all measurements is reached, in seconds. */
  within: (share: number) => number;
}

export function histogram(metrics: Metrics, name: string): Histogram {
  const steps = metrics
    .filter((sample) => sample.name === `${name}_bucket`)
    .map((sample) => ({ to: number(sample.labels.le ?? ''), n: sample.value }))
    .sort((a, b) => a.to - b.to);
  const count = steps[steps.length - 1]?.n ?? 0;
  return { count, within: (share) => steps.find((step) => step.n >= share * count)?.to ?? Infinity };
}

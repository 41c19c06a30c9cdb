// compare.mjs NAMES QUERIES COUNT: mean and 99th percentile of a query, in milliseconds, for minisearch (fuzzy,
// prefix off) and for fastest-levenshtein over all names (its only way). Time of the processor, not of the clock.
// A line each: name mean p99 queries.
import { readFileSync } from "node:fs";
import MiniSearch from "minisearch";
import { distance } from "fastest-levenshtein";

const lines = (path) => readFileSync(path, "utf8").split("\n").filter((line) => line !== "");
const names = lines(process.argv[2]);
const queries = lines(process.argv[3]);

const measure = (label, count, ask) => {
    const times = [];
    for (const query of queries.slice(0, count)) {
        const before = process.cpuUsage();
        ask(query);
        const spent = process.cpuUsage(before);
        times.push((spent.user + spent.system) / 1e3);
    }
    times.sort((a, b) => a - b);
    const mean = times.reduce((a, b) => a + b, 0) / times.length;
    console.log(label, mean.toFixed(4), times[Math.floor(times.length * 0.99)].toFixed(4), times.length);
};

const mini = new MiniSearch({ fields: ["name"] });
mini.addAll(names.map((name, id) => ({ id, name })));
measure("minisearch", 2000, (query) => mini.search(query, { fuzzy: 0.25, combineWith: "OR" }).slice(0, 10));
const upper = names.map((name) => name.toUpperCase());
measure("fastest-levenshtein", 200, (query) => {
    const asked = query.toUpperCase();
    let best = Infinity;
    for (const name of upper) best = Math.min(best, distance(asked, name));
    return best;
});

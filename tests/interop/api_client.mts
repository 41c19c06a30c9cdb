// Every GET route of a real daemon is called, with every query, and each answer is held to
// SPEC/openapi.json: status, media type, JSON Schema, the names of refusals. Some calls go through
// the client generated from the same document, whose types tsc has checked.
//
//     node api_client.mjs URL openapi.json
import { createHash, createPublicKey, verify } from "crypto";
import { readFileSync } from "fs";
import createClient from "openapi-fetch";
import { decode, encode } from "cborg";
import { Ajv2020 } from "ajv/dist/2020.js";
import formatsModule from "ajv-formats";
import type { paths } from "./api.d.ts";

declare const process: { argv: string[]; exit(code: number): never };

const [base, file] = [process.argv[2]!, process.argv[3]!];
const document = JSON.parse(readFileSync(file, "utf8"));
const ajv = new Ajv2020({ strict: false, allErrors: true });
(formatsModule as unknown as (a: Ajv2020) => void)(ajv);
ajv.addSchema({ $id: "doc", components: document.components });

function fail(words: string): never {
  console.error("FAILED: " + words);
  process.exit(1);
}

function absolute(schema: any): any {
  return JSON.parse(JSON.stringify(schema).replaceAll('"#/components/', '"doc#/components/'));
}

const compiled = new Map<string, any>();
function hold(schema: any, value: unknown, what: string): void {
  const key = JSON.stringify(schema);
  if (!compiled.has(key)) compiled.set(key, ajv.compile(absolute(schema)));
  const check = compiled.get(key)!;
  if (!check(value))
    fail(`${what}: ${ajv.errorsText(check.errors).slice(0, 900)}\n${JSON.stringify(value).slice(0, 1500)}`);
}

// --- the document by itself: every example is what its schema says ---
let examples = 0;
for (const [path, item] of Object.entries<any>(document.paths)) {
  for (const operation of Object.values<any>(item)) {
    for (const [status, response] of Object.entries<any>(operation.responses)) {
      for (const media of Object.values<any>(response.content ?? {})) {
        const all = media.example !== undefined ? [media.example] : Object.values<any>(media.examples ?? {}).map((e) => e.value);
        for (const one of all) {
          hold(media.schema, one, `example of ${path} ${status}`);
          examples++;
        }
      }
    }
  }
}

// --- a real daemon ---
let calls = 0;
let problems = 0;
async function call(path: string, target: string, refused: boolean | "either"): Promise<any> {
  const operation = document.paths[path].get;
  const stop = new AbortController();
  const answer = await fetch(base + target, { signal: stop.signal });
  const type = (answer.headers.get("content-type") ?? "").split(";")[0]!;
  const said = operation.responses[answer.status];
  calls++;
  if (said === undefined) fail(`${target}: status ${answer.status} is not in the document: ${await answer.text()}`);
  if (refused !== "either" && refused !== answer.status >= 400) fail(`${target}: ${answer.status} ${await answer.text()}`);
  const content = said.content?.[type];
  if (content === undefined) fail(`${target}: ${answer.status} of type ${type} is not in the document`);
  if (type === "text/event-stream") {
    stop.abort();
    return undefined;
  }
  if (!type.endsWith("json")) return await answer.arrayBuffer();
  const value = await answer.json();
  hold(content.schema, value, `${target} ${answer.status}`);
  if (answer.status >= 400) {
    if (content.examples[value.name] === undefined) fail(`${target}: ${value.name} is not among the refusals of ${path}`);
    problems++;
  }
  return value;
}

const api = createClient<paths>({ baseUrl: base });

const realm = (await api.GET("/v1/realm")).data ?? fail("/v1/realm");
const size: number = realm.head.size;
const members = (await api.GET("/v1/alliances/{name}/members", { params: { path: { name: "ARCTIC" }, query: { level: "full" } } })).data;
if (members === undefined || !("members" in members)) fail("members");
const names: (string | undefined)[] = members.members.map((m) => m.name).sort();
if (names.join() !== "Norway,Sweden") fail("the members are " + names.join());
const since: string | undefined = members.members[0]!.since;
if (since === undefined || !/^\d{4}-/.test(since)) fail("since is " + since);

const wrong = await api.GET("/v1/passports/{name}", { params: { path: { name: "NOBODY" } } });
if (wrong.response.status !== 404 && wrong.response.status !== 400) fail("NOBODY: " + wrong.response.status);
if (wrong.error?.name !== "UNKNOWN_PASSPORT" || wrong.error.remedy === "") fail("NOBODY: " + JSON.stringify(wrong.error));

// An act sent again gives its receipt: the generated client posts bytes.
const act = await (await fetch(`${base}/v1/acts/${size - 2}/raw`)).arrayBuffer();
const entry = (await api.GET("/v1/acts/{index}", { params: { path: { index: size - 2 } } })).data ?? fail("entry");
const sent = await api.POST("/v1/acts", {
  params: { query: { wait: "recorded", effects: "1" } },
  body: new Uint8Array(act) as any,
  bodySerializer: (b: any) => b,
  headers: { "Content-Type": "application/cose" },
});
if (sent.data === undefined) fail("POST /v1/acts: " + JSON.stringify(sent.error));
hold({ $ref: "#/components/schemas/receipt" }, sent.data, "receipt");
if (sent.data.repeated !== true || sent.data.index !== entry.index || sent.data.act !== entry.id) fail("a repeated act: " + JSON.stringify(sent.data));
const bad = await api.POST("/v1/acts", { body: "x" as any, bodySerializer: (b: any) => b, headers: { "Content-Type": "application/cose" } });
hold({ $ref: "#/components/schemas/problem" }, bad.error, "refusal of an act");

const tables = ((await api.GET("/v1/records")).data ?? fail("tables")).tables;
const blobs = (await api.GET("/v1/records/{table}", { params: { path: { table: "blob" } } })).data ?? fail("blobs");
const digest: string = (blobs.items[0] as any).digest;

// What stands in the place of each parameter.
function targets(path: string): string[] {
  if (path.includes("{index}")) return [0, 1, size - 1].map((i) => path.replace("{index}", String(i)));
  if (path === "/v1/records/{table}") return tables.map((t) => path.replace("{table}", t.record));
  if (path.startsWith("/v1/alliances/{name}")) return [path.replace("{name}", "ARCTIC")];
  if (path.startsWith("/v1/passports/{name}")) return ["NOR", "Sweden", "operator-none"].slice(0, 2).map((n) => path.replace("{name}", n));
  if (path === "/problems/{name}") return ["/problems/NO_ROOM"];
  if (path.includes("{realm}")) return [path.replace("{realm}", "0".repeat(64))]; // to which there is no bridge
  if (path === "/v1/blobs/{digest}") return [path.replace("{digest}", digest)];
  if (path === "/tile/{path}") return [`/tile/0/000.p/${size}`, `/tile/entries/000.p/${size}`];
  if (path === "/console/{path}") return ["/console/world"];
  return [path];
}
const absent: Record<string, string> = {
  "{index}": "99999999", "{table}": "nothing", "{name}": "NOBODY-HERE", "{digest}": "0".repeat(64), "{hash}": "0".repeat(64), "{path}": "9/999", "{realm}": "xyz",
};
const needed: Record<string, string> = { "/v1/passports/{name}/partners": "topic=environment" };

for (const [path, item] of Object.entries<any>(document.paths)) {
  if (item.get === undefined || path.startsWith("/v1/admin")) continue;
  if (path !== "/{hash}/checkpoint") {
    for (const target of targets(path)) {
      const must = needed[path] === undefined ? "" : "?" + needed[path];
      // a daemon may be built without the console; this one is no member of a federation
      const value = await call(path, target + must, item.get.tags[0] === "console" ? "either" : path.startsWith("/v1/federation"));
      if (path === "/v1/records/{table}")
        for (const one of value.items) hold({ $ref: `#/components/schemas/record_${value.record}` }, one, target);
    }
    for (const query of item.get.parameters.filter((p: any) => p.in === "query" && p.example !== undefined)) {
      let value = String(query.example);
      if (path.endsWith("/charter/diff")) value = "1";
      if (query.name === "about") value = "SWE";
      if (query.name === "witnesses") continue; // this cell has none
      if (query.name === "proof") { // a cell with one operator: proven under its own head
        const bundle = await call(path, `${targets(path)[0]}?proof=1`, false);
        if (bundle.comity !== "bundle@v1") fail("no bundle");
        continue;
      }
      await call(path, `${targets(path)[0]}?${query.name}=${encodeURIComponent(value)}`, path.startsWith("/v1/federation"));
    }
  }
  const hole = /\{\w+\}/.exec(path)?.[0];
  if (hole !== undefined && path !== "/console/{path}")
    await call(path, path.replace(hole, absent[hole]!) + (needed[path] === undefined ? "" : "?" + needed[path]), true);
}
for (const [path, target] of [
  ["/v1/feed", "/v1/feed?limit=1001"], ["/v1/records/{table}", "/v1/records/passport?after=x"],
  ["/v1/acts/{index}", "/v1/acts/x"], ["/v1/alliances/{name}/members", "/v1/alliances/ARCTIC/members?as_of=1960-13-01"],
  ["/v1/alliances/{name}/members", "/v1/alliances/ARCTIC/members?level=x"], ["/v1/passports/{name}/partners", "/v1/passports/NOR/partners?topic=x"],
  ["/v1/alliances/{name}/figures", "/v1/alliances/ARCTIC/figures?from=x"], ["/v1/proofs/{index}", "/v1/proofs/0?witnesses=9"],
  ["/v1/alliances/{name}/charter/diff", "/v1/alliances/ARCTIC/charter/diff?from=99"], ["/v1/blobs/{digest}", "/v1/blobs/xyz"],
] as const)
  await call(path, target, true);

// COSE receipts, by the words of RFC 9942 and RFC 9162 alone: cborg takes them apart, node verifies.
function sha256(...parts: Uint8Array[]): Uint8Array {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest();
}
function rootOf(entry: Uint8Array, size: number, index: number, path: Uint8Array[]): Uint8Array {
  let [fn, sn, r] = [index, size - 1, sha256(new Uint8Array([0]), entry)];
  for (const p of path) {
    if (sn === 0) fail("a path that is too long");
    if (fn % 2 === 1 || fn === sn) {
      r = sha256(new Uint8Array([1]), p, r);
      while (fn % 2 === 0 && fn !== 0) [fn, sn] = [fn >> 1, sn >> 1];
    } else r = sha256(new Uint8Array([1]), r, p);
    [fn, sn] = [fn >> 1, sn >> 1];
  }
  if (sn !== 0) fail("a path that is too short");
  return r;
}
function receiptHolds(bytes: Uint8Array, entry: Uint8Array, index: number): boolean {
  const tags: any[] = [];
  tags[18] = (inner: any) => inner;
  const [head, open, payload, signature] = decode(bytes, { tags, useMaps: true }) as any;
  const headers: any = decode(head, { useMaps: true });
  const [size, at, path] = decode(open.get(396).get(-1)[0]) as any;
  if (headers.get(1) !== -8 || headers.get(395) !== 1 || payload !== null || at !== index) fail("receipt " + index);
  const der = new Uint8Array([...Buffer.from("302a300506032b6570032100", "hex"), ...headers.get(4)]);
  const signed = encode(["Signature1", head, new Uint8Array(0), rootOf(entry, size, at, path)]);
  if (!realm.vkey?.endsWith(Buffer.from([1, ...headers.get(4)]).toString("base64"))) fail("a receipt of another key");
  return verify(null, signed, createPublicKey({ key: der, format: "der", type: "spki" }), signature);
}
let receipts = 0;
for (let index = 0; index < size; index++) {
  const bytes = new Uint8Array(await (await fetch(`${base}/v1/receipts/${index}`)).arrayBuffer());
  const entry = new Uint8Array(await (await fetch(`${base}/v1/acts/${index}/raw`)).arrayBuffer());
  if (!receiptHolds(bytes, entry, index)) fail("the receipt of " + index + " does not verify");
  entry[10]! ^= 1;
  if (receiptHolds(bytes, entry, index)) fail("the receipt of " + index + " holds for another entry");
  receipts++;
}

// Administration: what `comity admin` was answered, and that nobody is let in without a statement.
for (const [action, form] of Object.entries({ me: "admin_me", config: "admin_config", "peer.list": "admin_peers", "key.list": "admin_keys", log: "admin_log", snapshot: "admin_done" })) {
  const answer = JSON.parse(readFileSync(`${process.argv[4]}/${action}.json`, "utf8"));
  hold({ $ref: `#/components/schemas/${form}` }, answer, `comity admin ${action}`);
  if (action === "log" && (answer.lines.length < 8 || answer.whole !== true)) fail("the audit log: " + JSON.stringify(answer).slice(0, 500));
}
for (const [path, item] of Object.entries<any>(document.paths))
  if (path.startsWith("/v1/admin") && item.get !== undefined) await call(path, path, true);

// What is served is what is committed.
const served = await (await fetch(base + "/openapi.json")).json();
if (JSON.stringify(served) !== JSON.stringify(document)) fail("/openapi.json is not SPEC/openapi.json");
console.log(`${Object.keys(document.paths).length} paths, ${Object.keys(document.components.schemas).length} schemas, ` +
  `${examples} examples, ${calls} calls, ${problems} refusals, ${receipts} COSE receipts: all as the document says`);

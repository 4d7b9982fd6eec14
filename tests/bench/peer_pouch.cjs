// PouchDB clients, and express-pouchdb as their server. Run by tests.bench.peers in the folder they are installed in; see there.
//   node peer_pouch.cjs serve FOLDER PORT      node peer_pouch.cjs FOLDER ROWS.json
const fs = require("fs"), path = require("path"), readline = require("readline");
const { createRequire } = require("module");
const need = createRequire(path.join(process.cwd(), "package.json"));
const PouchDB = need("pouchdb");
const OPTIONS = { batch_size: 500 };

function serve(folder, port) {
  const Served = PouchDB.defaults({ prefix: folder + path.sep });
  const app = need("express")();
  app.use("/", need("express-pouchdb")(Served, { mode: "minimumForPouchDB", logPath: path.join(folder, "log.txt"), inMemoryConfig: true }));
  app.listen(Number(port), "127.0.0.1");
}

function clients(folder, rows) {
  const open = {};
  const of = (name) => (open[name] ??= new PouchDB(path.join(folder, name)));
  const remote = (url) => new PouchDB(url + "rows", { skip_setup: false });
  return {
    begin: async (name, url) => { await remote(url).info(); },
    fill: async (name, start, end) => {
      const docs = rows.slice(start, end).map((row, n) => ({ _id: String(start + n).padStart(8, "0"), ...Object.fromEntries(row.map((v, f) => ["f" + f, v])) }));
      for (let n = 0; n < docs.length; n += 5000) await of(name).bulkDocs(docs.slice(n, n + 5000));
    },
    change: async (name, count, text) => {
      const found = await of(name).allDocs({ include_docs: true, limit: count });
      await of(name).bulkDocs(found.rows.map((r) => ({ ...r.doc, f19: text })));
    },
    sync: async (name, url) => {
      await of(name).replicate.to(remote(url), OPTIONS);
      await of(name).replicate.from(remote(url), OPTIONS);
    },
    count: async (name) => (await of(name).info()).doc_count,
  };
}

async function main(folder, rows) {
  const known = clients(folder, JSON.parse(fs.readFileSync(rows, "utf8")));
  for await (const line of readline.createInterface({ input: process.stdin })) {
    const [name, ...rest] = JSON.parse(line);
    const start = process.hrtime.bigint();
    const result = (await known[name](...rest)) ?? null;
    console.log(JSON.stringify([result, Number(process.hrtime.bigint() - start) / 1e9]));
  }
  process.exit(0);
}

if (process.argv[2] === "serve") serve(process.argv[3], process.argv[4]);
else main(process.argv[2], process.argv[3]).catch((error) => { console.error(error); process.exit(1); });

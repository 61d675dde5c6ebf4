// Where the database stands, as the actuator says it. Asking costs nothing: the answers are what
// the replicator knows, and the storage is not asked.

import { attempt, byId, call, element, say, show } from "./page.js";

const ENDPOINT = "actuator/litestream";
const INTERVAL = 1000;
const TIMEOUT = 5000;

const time = (instant) => new Date(instant).toLocaleString();

function size(bytes) {
  const units = ["B", "kB", "MB", "GB"];
  let power = 0;
  for (; bytes >= 1000 && power < units.length - 1; power++) {
    bytes /= 1000;
  }
  return `${power === 0 ? bytes : bytes.toFixed(1)} ${units[power]}`;
}

// Commits that wait for the next sync have an age, and no TXID yet.
function lagText({ transactions, seconds }) {
  if (transactions === 0 && seconds === 0) {
    return "0 s, all is stored";
  }
  const count = transactions === 0 ? "" : transactions === 1 ? ", 1 transaction" : `, ${transactions} transactions`;
  return seconds.toFixed(1) + " s" + count;
}

function showStatus(status) {
  showState(status.status, status.status === "running");
  show(byId("lag"), lagText(status.lag));
  show(byId("txid"), status.txid);
  show(byId("replicated-txid"), status.replicatedTxid);
  show(byId("last-sync"), status.lastSync === null ? "none since the start" : time(status.lastSync));
  show(byId("replica"), status.replica);
  const error = status.lastError;
  show(byId("failure"), error === null || error.overcome ? "" : `Failing: ${error.stage}. ${error.message}`);
}

function showState(state, well) {
  show(byId("state"), state);
  byId("state").classList.toggle("failed", !well);
}

function snapshotRow(snapshot) {
  const made = element("tr");
  made.append(element("td", snapshot.txid, "code"), element("td", time(snapshot.createdAt)),
    element("td", size(snapshot.size), "number"));
  return made;
}

function generationLine(generation) {
  const facts = element("dl");
  for (const [name, value, className] of [
    ["Started", time(generation.startedAt)],
    ["First TXID", generation.firstTxid, "code"],
    ["Last TXID", generation.lastTxid, "code"],
    ["Id", generation.id, "code"]
  ]) {
    const fact = element("div");
    fact.append(element("dt", name), element("dd", value, className));
    facts.append(fact);
  }
  const made = element("li");
  const reason = element("h3", generation.reason);
  if (generation.current) {
    reason.append(" ", element("span", "current", "badge"));
  }
  made.append(reason, facts);
  return made;
}

const shown = new Map();

// The newest first, and only when something has changed.
function showAll(list, things, toElement) {
  const state = JSON.stringify(things);
  if (shown.get(list) !== state) {
    shown.set(list, state);
    list.replaceChildren(...things.toReversed().map(toElement));
  }
}

// The sample has one database; the endpoint may know several.
async function read() {
  const { databases } = await call(ENDPOINT, { timeout: TIMEOUT });
  const [name] = Object.keys(databases);
  if (name === undefined) {
    throw new Error("No database is replicated");
  }
  const path = `${ENDPOINT}/${encodeURIComponent(name)}`;
  const [snapshots, generations] = await Promise.all(
    ["snapshots", "generations"].map((part) => call(`${path}/${part}`, { timeout: TIMEOUT })));
  return { path, status: databases[name], snapshots, generations };
}

async function refresh() {
  try {
    const { status, snapshots, generations } = await read();
    showStatus(status);
    showAll(byId("snapshots"), snapshots, snapshotRow);
    showAll(byId("generations"), generations, generationLine);
  } catch (error) {
    showState("unknown", false);
    show(byId("failure"), error.message);
  }
}

async function follow() {
  if (!document.hidden) {
    await refresh();
  }
  setTimeout(follow, INTERVAL);
}

byId("take-snapshot").addEventListener("click", (event) => {
  const message = byId("snapshot-message");
  attempt(event.currentTarget, message, async () => {
    say(message, "Taking a snapshot …", false);
    const { path } = await read();
    const taken = await call(`${path}/snapshot`, { method: "POST" });
    await refresh();
    return taken.existed ? `The snapshot of ${taken.txid} holds everything already`
      : `Snapshot of ${taken.txid} taken, ${size(taken.size)}`;
  });
});

follow();

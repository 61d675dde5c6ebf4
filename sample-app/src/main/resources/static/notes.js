"use strict";

const byId = (id) => document.getElementById(id);

async function call(path, options) {
  const response = await fetch(path, options);
  if (!response.ok) {
    throw new Error(`${path} answered ${response.status}`);
  }
  return response.status === 204 ? null : response.json();
}

function showError(error) {
  byId("error").textContent = error === null ? "" : error.message;
  byId("error").hidden = error === null;
}

// Runs what a click asks for, and tells when it did not work.
async function attempt(action) {
  try {
    await action();
    showError(null);
  } catch (error) {
    showError(error);
  }
}

function item(note) {
  const text = document.createElement("span");
  text.textContent = note.text;
  const remove = document.createElement("button");
  remove.type = "button";
  remove.textContent = "Delete";
  remove.addEventListener("click", () => attempt(async () => {
    await call(`/notes/${note.id}`, { method: "DELETE" });
    await showNotes();
  }));
  const line = document.createElement("li");
  line.append(text, remove);
  return line;
}

async function showNotes() {
  const [notes, { count }] = await Promise.all([call("/notes?limit=50"), call("/notes/count")]);
  byId("notes").replaceChildren(...notes.map(item));
  byId("count").textContent = count;
}

async function showStatus() {
  try {
    const [status] = await call("/status");
    if (status === undefined) {
      byId("state").textContent = "not replicated";
      return;
    }
    byId("state").textContent = status.state.toLowerCase();
    byId("state").className = status.state === "RUNNING" ? "" : "behind";
    byId("txid").textContent = status.txid;
    byId("replicated-txid").textContent = status.replicatedTxid;
    byId("lag").textContent = status.lagMillis === 0 && status.lagTransactions === 0
      ? "0, all is stored"
      : `${(status.lagMillis / 1000).toFixed(1)} s, ${status.lagTransactions} transactions`;
    byId("replica").textContent = status.replica;
  } catch {
    byId("state").textContent = "the application does not answer";
    byId("state").className = "behind";
  } finally {
    setTimeout(showStatus, 1000);
  }
}

byId("add").addEventListener("submit", (event) => {
  event.preventDefault();
  attempt(async () => {
    await call("/notes", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ text: byId("text").value })
    });
    byId("text").value = "";
    await showNotes();
  });
});

attempt(showNotes);
showStatus();

import { attempt, byId, call, element, say, show } from "./page.js";

const message = byId("notes-message");

function line(note) {
  const remove = element("button", "Delete");
  remove.type = "button";
  remove.ariaLabel = `Delete the note ${note.text}`;
  remove.addEventListener("click", () => attempt(remove, message, async () => {
    const place = [...byId("notes").children].indexOf(remove.parentElement);
    await call(`notes/${note.id}`, { method: "DELETE" });
    await showNotes();
    focusNear(place);
    return "Deleted";
  }));
  const made = element("li");
  made.append(element("span", note.text), remove);
  return made;
}

// The button that had the focus is gone: whoever deletes by keyboard goes on with the next.
function focusNear(place) {
  const lines = byId("notes").children;
  const next = lines[Math.min(place, lines.length - 1)]?.querySelector("button");
  (next ?? byId("text")).focus();
}

async function showNotes() {
  const [notes, { count }] = await Promise.all([call("notes?limit=50"), call("notes/count")]);
  byId("notes").replaceChildren(...notes.map(line));
  show(byId("count"), count === 1 ? "1 note" : `${count} notes`);
}

byId("add").addEventListener("submit", (event) => {
  event.preventDefault();
  attempt(byId("add-note"), message, async () => {
    await call("notes", { method: "POST", body: { text: byId("text").value } });
    byId("text").value = "";
    await showNotes();
    return "Added";
  });
});

showNotes().catch((error) => say(message, error.message, true));

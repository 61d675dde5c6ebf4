// What the parts of the page share.

export const byId = (id) => document.getElementById(id);

export async function call(path, { method = "GET", body, timeout } = {}) {
  const options = { method };
  if (body !== undefined) {
    options.headers = { "Content-Type": "application/json" };
    options.body = JSON.stringify(body);
  }
  if (timeout !== undefined) {
    options.signal = AbortSignal.timeout(timeout);
  }
  let response;
  try {
    response = await fetch(path, options);
  } catch {
    throw new Error("The application does not answer");
  }
  if (!response.ok) {
    throw new Error(`${method} ${path} answered ${response.status}: ${await reason(response)}`);
  }
  return response.status === 204 ? null : response.json();
}

// The actuator has an "error", Spring MVC's problems a "detail".
async function reason(response) {
  try {
    const { error, detail } = await response.json();
    return detail ?? error ?? response.statusText;
  } catch {
    return response.statusText;
  }
}

// Does what a button asks for, once at a time, and says what came of it. The button is not
// disabled meanwhile: it would lose the focus.
export async function attempt(button, message, action) {
  if (button.ariaBusy === "true") {
    return;
  }
  button.ariaBusy = "true";
  try {
    say(message, await action(), false);
  } catch (error) {
    say(message, error.message, true);
  } finally {
    button.ariaBusy = "false";
  }
}

export function say(message, text, failed) {
  message.classList.toggle("failed", failed);
  show(message, text);
}

// A screen reader speaks up when something changes, so nothing is written that is there already.
export function show(element, text) {
  if (element.textContent !== text) {
    element.textContent = text;
  }
}

// Text is set as text: what a stranger wrote never becomes HTML.
export function element(name, text, className) {
  const made = document.createElement(name);
  if (text !== undefined) {
    made.textContent = text;
  }
  if (className !== undefined) {
    made.className = className;
  }
  return made;
}

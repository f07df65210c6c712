// What all pages are made of: the address, the API, elements, and forms.

const main = document.querySelector("main");
const heading = main.querySelector("h1");
const content = document.getElementById("content");

// ---- The address: what is secret in it is read once, and taken out of the address bar and the history.

export const fragment = new URLSearchParams(location.hash.slice(1));
export const query = new URLSearchParams(location.search);
history.replaceState(null, "", location.pathname);
export const token = fragment.get("token");

// ---- The API

export class Problem extends Error {
  constructor({ detail, title, hint, status = 0, code = "", field, reason, errors = [] }) {
    super(detail || title || "Something went wrong.");
    const pointed = errors.map((one) => one.pointer.split("/").pop());
    Object.assign(this, { hint: hint || "", status, code, reason, fields: field ? [field] : pointed });
  }
}

export async function call(method, path, body) {
  const headers = { "X-Surefoot": "1", ...(body && { "Content-Type": "application/json" }) };
  let answer;
  try {
    answer = await fetch(`/api/v1${path}`, { method, headers, body: body && JSON.stringify(body) });
  } catch {
    throw new Problem({ detail: "The server cannot be reached.", hint: "Look at your connection, and try again." });
  }
  const found = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Problem({ ...found, status: answer.status });
  return found;
}

export const post = (path, body) => call("POST", path, body);

export async function account() {
  try {
    return await call("GET", "/account");
  } catch (problem) {
    if (problem.status === 401) return null;
    throw problem;
  }
}

// ---- Elements

export function make(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else if (value === true) made.setAttribute(key, "");
    else if (value !== false && value !== undefined) made.setAttribute(key, value);
  }
  made.append(...children);
  return made;
}

export const text = (...children) => make("p", {}, ...children);
export const link = (href, words) => make("a", { href }, words);

// A new step: its title is said aloud, and what was there is gone. The first step leaves the focus where it is.
let steps = 0;
export function show(title, ...children) {
  heading.textContent = title;
  document.title = `${title} · Surefoot`;
  content.replaceChildren(...children);
  if (steps++) heading.focus();
}

function alertOf(problem) {
  const said = [text(problem.message), ...(problem.hint ? [text(problem.hint)] : [])];
  return make("div", { class: "alert", role: "alert", tabindex: "-1" }, ...said);
}

// What went wrong, in place of what was there.
export function fail(problem, title, ...more) {
  show(title ?? heading.textContent, alertOf(problem), ...more);
}

// Runs something once at a time; what went wrong stands above the button's form or list.
function guarded(place, action) {
  let busy = false;
  return async (event) => {
    event?.preventDefault();
    if (busy) return;
    busy = true;
    const button = event?.submitter ?? event?.currentTarget;
    button?.setAttribute?.("aria-disabled", "true");
    place.querySelectorAll(".alert").forEach((old) => old.remove());
    try {
      await action();
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem;
      if (!place.isConnected) return fail(problem);
      place.prepend(alertOf(problem));
      (mark(place, problem) ?? place.querySelector(".alert")).focus();
    } finally {
      busy = false;
      button?.removeAttribute?.("aria-disabled");
    }
  };
}

// The fields that a problem is about say so; the first of them.
function mark(place, problem) {
  const inputs = [...place.querySelectorAll("input")];
  for (const input of inputs) input.toggleAttribute("aria-invalid", false);
  const wrong = inputs.filter((input) => problem.fields.includes(input.name));
  for (const input of wrong) input.setAttribute("aria-invalid", "true");
  return wrong[0];
}

export const plain = (words, action) => {
  const place = make("div");
  place.append(make("button", { type: "button", class: "plain", onclick: guarded(place, action) }, words));
  return place;
};

// ---- Forms: fields by their names, and what to do with their values.

export function form(fields, submit, action) {
  const made = make("form", { novalidate: true }, ...fields.map((one) => one.element));
  made.append(make("button", {}, submit));
  const send = guarded(made, async () => {
    const missing = fields.find((one) => !one.input.value.trim());
    if (missing) throw new Problem({ detail: `${missing.label} is needed.`, field: missing.input.name });
    await action(Object.fromEntries(fields.map((one) => [one.input.name, one.input.value])));
  });
  made.addEventListener("submit", send);
  return made;
}

export function field(name, label, { hint, extra = [], ...attributes } = {}) {
  const described = hint && `${name}-hint`;
  const input = make("input", { id: name, name, required: true, "aria-describedby": described, ...attributes });
  const said = hint ? [make("p", { class: "hint", id: described }, hint)] : [];
  const shown = extra.length ? make("div", { class: "with-button" }, input, ...extra) : input;
  return { label, input, element: make("div", { class: "field" }, make("label", { for: name }, label), ...said, shown) };
}

export function password(name, label, { isNew = false } = {}) {
  const reveal = make("button", { type: "button", class: "plain", "aria-pressed": "false" }, "Show");
  reveal.setAttribute("aria-label", `Show ${label.toLowerCase()}`);
  const made = field(name, label, {
    type: "password",
    autocomplete: isNew ? "new-password" : "current-password",
    maxlength: 1000,
    hint: isNew && RULES,
    extra: [reveal],
  });
  reveal.addEventListener("click", () => {
    const shown = made.input.type === "password";
    made.input.type = shown ? "text" : "password";
    reveal.setAttribute("aria-pressed", String(shown));
    reveal.textContent = shown ? "Hide" : "Show";
  });
  if (isNew) count(made);
  return made;
}

const RULES =
  "15 characters or more, of any kind, spaces too. Four or five words that nobody would put together do well. " +
  "Not your name or address, no sequences, nothing that is known from a breach.";

function count(made) {
  const told = make("p", { class: "hint" });
  made.element.append(told);
  made.input.addEventListener("input", () => {
    const length = [...made.input.value.normalize("NFC")].length;
    told.textContent = length && length < 15 ? `${length} of 15 characters` : "";
  });
}

export const email = () => field("email", "E-mail address", { type: "email", autocomplete: "username", maxlength: 254 });
export const personName = () => field("name", "Your name", { autocomplete: "name", maxlength: 100 });
export const newPassword = () => password("password", "New password", { isNew: true });
export const userCode = (value) =>
  field("code", "Code", {
    class: "code",
    autocomplete: "off",
    autocapitalize: "characters",
    spellcheck: "false",
    maxlength: 20,
    hint: "The eight letters that the device shows, such as WDJB-MJHT.",
    value,
  });

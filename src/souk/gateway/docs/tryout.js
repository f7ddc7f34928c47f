// Trying a method out: the caller's keys, the form, the answer.

const session = {
  read: (name) => sessionStorage.getItem(`souk.${name}`) || "",
  keep(name, value) {
    if (value) sessionStorage.setItem(`souk.${name}`, value);
    else sessionStorage.removeItem(`souk.${name}`);
    paintSession();
  },
};

const freshKey = () => {
  const bytes = crypto.getRandomValues(new Uint8Array(8));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
};

function paintSession() {
  const signedIn = Boolean(session.read("token"));
  const button = find("#session");
  const words = signedIn ? `Signed in${whoIs()}` : "Sign in to try";
  button.replaceChildren(h("span", { class: signedIn ? "dot dot-on" : "dot" }), icon("key"), words);
}

/** The roles that the token names, as far as a page can read it. */
function whoIs() {
  try {
    const part = session.read("token").split(".")[1].replace(/-/g, "+").replace(/_/g, "/");
    const roles = JSON.parse(atob(part)).roles || [];
    return roles.length ? ` · ${roles.join(", ")}` : "";
  } catch {
    return "";
  }
}

function openKeys() {
  const dialog = find("#keys");
  const field = (label, name, hint, placeholder) => {
    const input = h("textarea", { rows: "3", spellcheck: "false", placeholder, "aria-label": label });
    input.value = session.read(name);
    input.addEventListener("input", () => session.keep(name, input.value.trim()));
    return h("label", { class: "form-row" }, h("span", { class: "form-name" }, label), input,
      h("span", { class: "form-hint" }, hint));
  };
  dialog.replaceChildren(
    h("div", { class: "dialog-head" }, h("h2", { id: "keys-title" }, "Your keys"),
      h("button", { class: "icon-button", "aria-label": "Close", onclick: () => dialog.close() }, icon("close"))),
    h("p", { class: "quiet" }, "Kept in this tab only. Register and log in fill in the token by themselves; a guest's first cart fills in the cart token."),
    field("Access token", "token", "Sent as Authorization: Bearer …", "eyJhbGciOiJFZERTQSIs…"),
    field("Cart token", "cart", "Sent as X-Cart-Token where a method knows it.", "a guest's cart"),
    h("div", { class: "dialog-foot" },
      h("button", { class: "button button-quiet", onclick: () => { session.keep("token", ""); session.keep("cart", ""); dialog.close(); } }, "Forget both"),
      h("button", { class: "button", onclick: () => dialog.close() }, "Done")));
  if (!dialog.open) dialog.showModal();
}

/** What the form of a method holds; the samples in other languages are made from it. */
class Draft {
  constructor(operation) {
    this.operation = operation;
    this.values = {};
    this.file = null;
    this.key = freshKey();
    this.all = false;
    for (const one of operation.parameters || []) {
      if (one.in === "path") this.values[one.name] = String(sample(one.schema, { name: one.name }));
    }
    this.body = this.hasJson ? this.sampleBody() : "";
  }

  get json() { return ((this.operation.requestBody || {}).content || {})["application/json"]; }
  get hasJson() { return Boolean(this.json && this.json.schema); }
  get isUpload() { return Boolean(((this.operation.requestBody || {}).content || {})["multipart/form-data"]); }
  get isRaw() { return Boolean(((this.operation.requestBody || {}).content || {})["*/*"]); }

  sampleBody() {
    const needed = sample(this.json.schema, { all: this.all });
    const isBare = !this.all && !Object.keys(needed || {}).length;
    return pretty(isBare && this.operation.requestBody.required ? sample(this.json.schema) : needed);
  }

  get path() {
    const query = new URLSearchParams();
    let path = this.operation.path;
    for (const one of this.operation.parameters || []) {
      const value = this.values[one.name];
      if (one.in === "path") path = path.replace(`{${one.name}}`, encodeURIComponent(value || `{${one.name}}`));
      if (one.in !== "query" || !value) continue;
      const isList = proper(resolve(one.schema)).schema.type === "array";
      for (const part of isList ? value.split(",") : [value]) query.append(one.name, part.trim());
    }
    return query.size ? `${path}?${query}` : path;
  }

  headers({ masked = false } = {}) {
    const found = [];
    const token = session.read("token");
    const mayBear = (this.operation.security || []).some((one) => "bearer" in one);
    const mustBear = mayBear && !this.operation.security.some((one) => !Object.keys(one).length);
    if (mayBear && (token || (masked && mustBear))) found.push(["Authorization", `Bearer ${masked ? "$TOKEN" : token}`]);
    for (const one of this.operation.parameters || []) {
      if (one.in !== "header") continue;
      const value = this.header(one.name);
      if (value) found.push([one.name, value]);
    }
    if (this.hasJson && this.body) found.push(["Content-Type", "application/json"]);
    return found;
  }

  header(name) {
    if (name === "Idempotency-Key") return this.key;
    if (name === "X-Cart-Token") return session.read("cart");
    return this.values[name] || "";
  }

  request() {
    return {
      verb: this.operation.verb.toUpperCase(), url: location.origin + this.path, body: this.body,
      headers: this.headers({ masked: true }), file: this.isUpload,
      stream: this.operation["x-souk-stream"], socket: this.operation["x-souk-stream"],
    };
  }
}

function control(one, draft, changed) {
  const { schema } = proper(resolve(one.schema));
  const id = `try-${one.name}`;
  const set = (value) => { draft.values[one.name] = value; changed(); };
  let input;
  if (valuesOf(schema) || schema.type === "boolean") {
    const values = valuesOf(schema) || ["true", "false"];
    input = h("select", { id, onchange: (event) => set(event.target.value) },
      one.required ? null : h("option", { value: "" }, "—"),
      values.map((value) => h("option", { value, selected: draft.values[one.name] === value }, value)));
  } else {
    const hint = one.in === "path" ? "" : schema.type === "array" ? "one, two" : typeOf(schema);
    input = h("input", { id, placeholder: hint, spellcheck: "false", autocomplete: "off", value: draft.values[one.name] || "" });
    input.addEventListener("input", () => set(input.value));
  }
  return h("div", { class: "form-row form-line" }, h("label", { for: id },
    h("span", { class: one.required ? "form-name is-required" : "form-name" }, one.name),
    h("span", { class: "form-in" }, one.in)), input);
}

function special(one, draft, changed) {
  if (one.name === "Idempotency-Key") {
    const input = h("input", { value: draft.key, spellcheck: "false", "aria-label": one.name });
    input.addEventListener("input", () => { draft.key = input.value; changed(); });
    const again = h("button", { class: "icon-button", type: "button", title: "A new key", "aria-label": "A new key",
      onclick: () => { input.value = draft.key = freshKey(); changed(); } }, icon("refresh"));
    return h("div", { class: "form-row form-line" }, h("label", {}, h("span", { class: one.required ? "form-name is-required" : "form-name" }, one.name),
      h("span", { class: "form-in" }, "header")), h("div", { class: "with-button" }, input, again));
  }
  if (one.name === "X-Cart-Token") {
    const input = h("input", { value: session.read("cart"), spellcheck: "false", placeholder: "a guest's cart", "aria-label": one.name });
    input.addEventListener("input", () => { session.keep("cart", input.value.trim()); changed(); });
    return h("div", { class: "form-row form-line" }, h("label", {}, h("span", { class: "form-name" }, one.name),
      h("span", { class: "form-in" }, "header")), input);
  }
  return control(one, draft, changed);
}

/** What an answer teaches the session: the token of whoever signed in, the cart of a guest. */
function learn(operation, body) {
  if (body && body.access_token) {
    session.keep("token", body.access_token);
    toast("Signed in: the token is kept for this tab");
  } else if (body && body.token && operation.tags[0] === "carts") session.keep("cart", body.token);
}

async function send(draft, place, button) {
  const { operation } = draft;
  if (operation["x-souk-stream"]) return watch(draft, place, button);
  const options = { method: operation.verb.toUpperCase(), headers: Object.fromEntries(draft.headers()) };
  if (draft.isUpload) {
    options.body = new FormData();
    if (draft.file) options.body.append("file", draft.file);
  } else if ((draft.hasJson || draft.isRaw) && draft.body) options.body = draft.body;
  button.disabled = true;
  const began = performance.now();
  try {
    const answer = await fetch(draft.path, options);
    const text = await answer.text();
    showAnswer(place, answer, text, performance.now() - began, operation);
  } catch (error) {
    place.replaceChildren(h("p", { class: "answer-fail" }, `The server cannot be reached: ${error.message}`));
  } finally {
    button.disabled = false;
  }
  return undefined;
}

function showAnswer(place, answer, text, ms, operation) {
  const kind = answer.headers.get("content-type") || "";
  let content = text;
  if (kind.includes("json") && text) {
    const body = JSON.parse(text);
    if (answer.ok) learn(operation, body);
    content = lit(pretty(body));
    text = pretty(body);
  }
  const headers = [...answer.headers].map(([name, value]) => h("div", {}, h("span", { class: "lit-key" }, name), `: ${value}`));
  place.replaceChildren(
    h("div", { class: "answer-line" }, statusBadge(answer.status), h("span", {}, `${ms.toFixed(0)} ms`),
      h("span", {}, `${new Blob([text]).size.toLocaleString("en")} bytes`)),
    text ? codeBlock(content, text) : h("p", { class: "quiet" }, "No body."),
    h("details", { class: "answer-headers" }, h("summary", {}, icon("chevron"), "Headers"), h("div", { class: "mono" }, headers)));
}

/** Reads a stream of events by fetch, since EventSource cannot send a token. */
async function watch(draft, place, button) {
  const stop = new AbortController();
  const list = h("div", { class: "events", role: "log" });
  place.replaceChildren(list);
  const label = [...button.childNodes];
  button.replaceChildren(icon("stop"), "Stop");
  button.onclick = () => stop.abort();
  const tell = (text, kind = "") => list.prepend(h("div", { class: `event ${kind}` }, kind === "event-note" ? text : lit(text)));
  try {
    const headers = { ...Object.fromEntries(draft.headers()), Accept: "text/event-stream" };
    const answer = await fetch(draft.path, { headers, signal: stop.signal });
    if (!answer.ok) return showAnswer(place, answer, await answer.text(), 0, draft.operation);
    tell("Listening …", "event-note");
    const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
    for (let rest = ""; ;) {
      const { value, done } = await reader.read();
      if (done) break;
      const events = (rest + value).split("\n\n");
      rest = events.pop();
      for (const event of events) if (event.includes("data: ")) tell(event.split("data: ")[1]);
    }
    tell("The stream has ended.", "event-note");
  } catch (error) {
    if (error.name !== "AbortError") tell(error.message, "event-note");
  } finally {
    button.replaceChildren(...label);
    button.onclick = () => send(draft, place, button);
  }
  return undefined;
}

function tryPanel(draft) {
  const { operation } = draft;
  const changed = () => {};
  const answer = h("div", { class: "answer", "aria-live": "polite" });
  const button = h("button", { class: "button button-send", type: "button" }, icon("play"), operation["x-souk-stream"] ? "Listen" : "Send");
  button.onclick = () => send(draft, answer, button);
  const parts = (operation.parameters || []).filter((one) => one.name !== "access_token")
    .map((one) => special(one, draft, changed));
  if (draft.isUpload) {
    const input = h("input", { type: "file", "aria-label": "file" });
    input.addEventListener("change", () => { [draft.file] = input.files; });
    parts.push(h("div", { class: "form-row form-line" }, h("label", {}, h("span", { class: "form-name is-required" }, "file"), h("span", { class: "form-in" }, "form")), input));
  }
  if (draft.hasJson || draft.isRaw) parts.push(bodyEditor(draft));
  const needsToken = (operation.security || []).length && !operation.security.some((one) => !Object.keys(one).length);
  const note = needsToken && !session.read("token")
    ? h("button", { class: "note-button", type: "button", onclick: openKeys }, icon("lock"), "This method needs an access token")
    : null;
  return h("div", { class: "try" }, note, parts.length ? parts : h("p", { class: "quiet" }, "Nothing to fill in."), button, answer);
}

function bodyEditor(draft) {
  const area = h("textarea", { class: "editor", spellcheck: "false", "aria-label": "Body", rows: String(Math.min(16, Math.max(4, draft.body.split("\n").length + 1))) });
  area.value = draft.body;
  area.addEventListener("input", () => { draft.body = area.value; });
  area.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.metaKey || event.ctrlKey)) find(".button-send").click();
  });
  const all = draft.hasJson ? h("button", { class: "link-button", type: "button", onclick: () => {
    draft.all = !draft.all;
    draft.body = area.value = draft.sampleBody();
    area.rows = Math.min(16, Math.max(4, draft.body.split("\n").length + 1));
    all.textContent = draft.all ? "required fields only" : "all fields";
  } }, draft.all ? "required fields only" : "all fields") : null;
  return h("div", { class: "form-row" }, h("div", { class: "form-body-head" }, h("span", { class: "form-name" }, "Body"), all), area);
}

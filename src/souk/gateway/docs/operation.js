// One method, to read and to try.

const WORDS = {
  200: "OK", 201: "Created", 202: "Accepted", 204: "No content", 304: "Not modified", 400: "Bad request",
  401: "Unauthorized", 402: "Payment required", 403: "Forbidden", 404: "Not found", 405: "Method not allowed",
  409: "Conflict", 413: "Too large", 415: "Unsupported media type", 422: "Unprocessable", 429: "Too many requests",
  500: "Internal error", 503: "Unavailable", 504: "Timed out",
};

function verbBadge(operation, small = false) {
  const verb = operation["x-souk-stream"] ? "live" : operation.verb;
  const short = { delete: "del", patch: "pat" }[verb];
  return h("span", { class: `verb verb-${verb}${small ? " verb-small" : ""}` }, small && short ? short : verb);
}

function statusBadge(status) {
  return h("span", { class: `status status-${String(status)[0]}` }, String(status), " ", h("span", { class: "status-words" }, WORDS[status] || ""));
}

function pathWords(path) {
  return path.split(/(\{[^}]+\})/).map((part) =>
    part.startsWith("{") ? h("span", { class: "path-parameter" }, part) : part.replace(/\//g, "/\u200b"));
}

function badges(operation) {
  const roles = operation["x-souk-roles"] || [];
  const found = roles.length
    ? roles.map((role) => h("span", { class: "badge badge-role" }, icon("lock"), role))
    : [h("span", { class: "badge badge-public" }, icon("globe"), "public")];
  const key = (operation.parameters || []).find((one) => one.name === "Idempotency-Key");
  if (key) found.push(h("span", { class: "badge" }, icon("shield"), key.required ? "needs an idempotency key" : "safe to retry with a key"));
  if (operation["x-souk-stream"]) found.push(h("span", { class: "badge" }, icon("bolt"), "WebSocket and events"));
  return h("div", { class: "badges" }, found);
}

/** The other addresses of the same method. */
function alsoAt(operation) {
  const first = operation["x-souk-same-as"] || operation.operationId;
  const same = operations.filter((one) => one !== operation && (one.operationId === first || one["x-souk-same-as"] === first));
  return same.map((one) => h("p", { class: "also" }, "also at ", h("a", { href: addressOf(one) }, h("code", {}, pathWords(one.path)))));
}

function section(title, ...content) {
  return partOf("part", title, content);
}

/** On a narrow page these come after the request. */
function lateSection(title, ...content) {
  return partOf("part part-late", title, content);
}

function partOf(kind, title, content) {
  return h("section", { class: kind }, h("h2", {}, title), content);
}

function parametersPart(operation) {
  const found = operation.parameters || [];
  if (!found.length) return null;
  const order = { path: 0, query: 1, header: 2 };
  const sorted = [...found].sort((one, other) => order[one.in] - order[other.in]);
  return section("Parameters", h("div", { class: "fields" }, sorted.map((one) =>
    row(one.name, one.schema, { required: one.required, description: one.description, depth: 1, place: one.in }))));
}

function bodyPart(operation) {
  if (!operation.requestBody) return null;
  const [[kind, { schema }]] = Object.entries(operation.requestBody.content);
  const words = { "multipart/form-data": "A form with the file.", "*/*": "Taken as it comes, byte for byte." }[kind];
  const optional = operation.requestBody.required ? "" : "May be left out.";
  return section("Body", h("p", { class: "quiet" }, h("code", {}, kind), " ", words || optional), schema ? message(schema) : null);
}

function answersPart(operation) {
  const list = Object.entries(operation.responses).map(([status, given]) => {
    const answer = resolve(given);
    const examples = Object.entries(problems(answer));
    const schema = schemaOf(answer);
    const names = examples.map(([name]) => h("code", { class: "chip chip-value" }, name));
    const isGood = status.startsWith("2");
    const inner = isGood ? (schema ? message(schema, { showRequired: false }) : null)
      : examples.map(([name, example]) => problem(name, resolve(example)));
    const head = [statusBadge(status), isGood ? h("span", { class: "answer-name" }, answerName(answer)) : h("span", { class: "answer-codes" }, names)];
    const hasMore = inner && [inner].flat().some(Boolean);
    return hasMore
      ? h("details", { class: "answer-row", open: isGood && status !== "304" }, h("summary", {}, icon("chevron"), head), h("div", { class: "answer-inner" }, inner))
      : h("div", { class: "answer-row answer-bare" }, head, h("span", { class: "quiet" }, answer.description));
  });
  return lateSection("Answers", h("div", { class: "answers" }, list));
}

const contentOf = (answer) => Object.values(answer.content || {})[0] || {};
const schemaOf = (answer) => {
  const content = contentOf(answer);
  return content["x-souk-message"] || (content.schema && (content.schema.$ref || content.schema.properties) ? content.schema : null);
};
const problems = (answer) => contentOf(answer).examples || {};

function answerName(answer) {
  const content = contentOf(answer);
  const kind = Object.keys(answer.content || {})[0] || "";
  if (content["x-souk-message"]) return `a stream of ${nameOf(content["x-souk-message"])}`;
  if (content.schema && content.schema.$ref) return nameOf(content.schema);
  if (kind === "*/*") return "a file";
  return answer.description || "";
}

function problem(name, example) {
  const value = example.value || {};
  const facts = Object.keys(value.fields || {});
  return h("div", { class: "problem" },
    h("div", { class: "problem-head" }, h("code", {}, name), h("span", {}, value.detail || example.summary)),
    facts.length ? h("div", { class: "chips" }, h("span", { class: "quiet" }, "tells"), facts.map((fact) => h("code", { class: "chip" }, fact))) : null);
}

function languages(draft) {
  const found = { curl: asCurl, JavaScript: asJavaScript, Python: asPython };
  return Object.entries(found).map(([name, make]) => [name, () => {
    const text = make(draft.request());
    return codeBlock(shaded(text), text);
  }]);
}

/** Code with its text coloured; enough for three languages of a few lines. */
function shaded(text) {
  return text.split(/('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")/).map((part, index) =>
    index % 2 ? h("span", { class: "lit-text" }, part) : part.split(/\b(curl|const|await|import|print|new)\b/).map((word, at) =>
      at % 2 ? h("span", { class: "lit-word" }, word) : word));
}

function answerPanel(operation) {
  const choices = Object.entries(operation.responses).filter(([status]) => status !== "304").map(([status, given]) => {
    const answer = resolve(given);
    const shown = () => {
      const first = Object.values(problems(answer))[0];
      const schema = schemaOf(answer);
      const value = first ? resolve(first).value : schema ? told(sample(schema, { lively: Boolean(answer["x-souk-when"]) }), answer["x-souk-when"]) : null;
      if (value === null) return h("p", { class: "quiet" }, answer.description);
      const text = pretty(value);
      return codeBlock(lit(text), text);
    };
    return [status, shown];
  });
  return tabs("Status", choices);
}

/** The sample with the field set that decides for this status. */
function told(value, when) {
  if (!when || !value) return value;
  const steps = when.field.split(".");
  const last = steps.pop();
  const place = steps.reduce((inner, step) => (inner || {})[step], value);
  if (place) place[last] = when.value;
  return value;
}

function operationView(operation) {
  const draft = new Draft(operation);
  const request = tabs("Request", [["Try it", () => tryPanel(draft)], ...languages(draft)],
    Number(sessionStorage.getItem("souk.panel") || 1), (index) => sessionStorage.setItem("souk.panel", String(index)));
  const grpc = operation["x-souk-grpc"];
  const words = (operation.description || "").split("\n\n");
  const first = words[0].replace(/[.;:]$/, "") === operation.summary ? words.slice(1) : words;
  return h("article", { class: "operation" },
    h("div", { class: "operation-text" },
      h("p", { class: "crumbs" }, h("a", { href: `#/${operation.tags[0]}` }, operation.tags[0])),
      h("h1", {}, operation.summary),
      h("div", { class: "address" }, verbBadge(operation), h("code", { class: "path" }, pathWords(operation.path)), copyButton(operation.path, "Copy the address")),
      alsoAt(operation), badges(operation),
      h("div", { class: "prose" }, prose(first.join("\n\n"))),
      parametersPart(operation), bodyPart(operation), answersPart(operation),
      grpc ? lateSection("gRPC", h("div", { class: "grpc" }, h("code", {}, grpc), copyButton(grpc, "Copy the gRPC name"))) : null),
    h("div", { class: "operation-side" },
      h("div", { class: "panel" }, h("div", { class: "panel-title" }, "Request"), request),
      h("div", { class: "panel" }, h("div", { class: "panel-title" }, "Answer"), answerPanel(operation))));
}

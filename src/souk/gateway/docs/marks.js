// Marks: verbs, statuses, addresses, who may call.

const WORDS = {
  200: "OK",
  201: "Created",
  202: "Accepted",
  204: "No content",
  304: "Not modified",
  400: "Bad request",
  401: "Unauthorized",
  402: "Payment required",
  403: "Forbidden",
  404: "Not found",
  405: "Method not allowed",
  409: "Conflict",
  413: "Too large",
  415: "Unsupported media type",
  422: "Unprocessable",
  429: "Too many requests",
  500: "Internal error",
  503: "Unavailable",
  504: "Timed out",
};

function verbBadge(operation, small = false) {
  const verb = operation["x-souk-stream"] ? "live" : operation.verb;
  const short = { delete: "del", patch: "pat" }[verb];
  return h(
    "span",
    { class: `verb verb-${verb}${small ? " verb-small" : ""}` },
    small && short ? short : verb,
  );
}

function statusBadge(status) {
  return h(
    "span",
    { class: `status status-${String(status)[0]}` },
    String(status),
    " ",
    h("span", { class: "status-words" }, WORDS[status] || ""),
  );
}

function pathWords(path) {
  return path
    .split(/(\{[^}]+\})/)
    .map((part) =>
      part.startsWith("{")
        ? h("span", { class: "path-parameter" }, part)
        : part.replace(/\//g, "/\u200b"),
    );
}

function badges(operation) {
  const roles = operation["x-souk-roles"] || [];
  const found = roles.length
    ? roles.map((role) => h("span", { class: "badge badge-role" }, icon("lock"), role))
    : [h("span", { class: "badge badge-public" }, icon("globe"), "public")];
  const key = (operation.parameters || []).find((one) => one.name === "Idempotency-Key");
  if (key)
    found.push(
      h(
        "span",
        { class: "badge" },
        icon("shield"),
        key.required ? "needs an idempotency key" : "safe to retry with a key",
      ),
    );
  if (operation["x-souk-stream"])
    found.push(h("span", { class: "badge" }, icon("bolt"), "WebSocket and events"));
  return h("div", { class: "badges" }, found);
}

/** The other addresses of the same method. */
function alsoAt(operation) {
  const first = operation["x-souk-same-as"] || operation.operationId;
  const same = operations.filter(
    (one) => one !== operation && (one.operationId === first || one["x-souk-same-as"] === first),
  );
  return same.map((one) =>
    h(
      "p",
      { class: "also" },
      "also at ",
      h("a", { href: addressOf(one) }, h("code", {}, pathWords(one.path))),
    ),
  );
}

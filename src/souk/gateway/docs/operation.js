// One method, to read and to try.

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
  return section(
    "Parameters",
    h(
      "div",
      { class: "fields" },
      sorted.map((one) =>
        row(one.name, one.schema, {
          required: one.required,
          description: one.description,
          depth: 1,
          place: one.in,
        }),
      ),
    ),
  );
}

function bodyPart(operation) {
  if (!operation.requestBody) return null;
  const [[kind, { schema }]] = Object.entries(operation.requestBody.content);
  const words = {
    "multipart/form-data": "A form with the file.",
    "*/*": "Taken as it comes, byte for byte.",
  }[kind];
  const optional = operation.requestBody.required ? "" : "May be left out.";
  return section(
    "Body",
    h("p", { class: "quiet" }, h("code", {}, kind), " ", words || optional),
    schema ? message(schema) : null,
  );
}

function languages(draft) {
  const found = { curl: asCurl, JavaScript: asJavaScript, Python: asPython };
  return Object.entries(found).map(([name, make]) => [
    name,
    () => {
      const text = make(draft.request());
      return codeBlock(shaded(text), text);
    },
  ]);
}

/** Code with its text coloured; enough for three languages of a few lines. */
function shaded(text) {
  return text
    .split(/('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")/)
    .map((part, index) =>
      index % 2
        ? h("span", { class: "lit-text" }, part)
        : part
            .split(/\b(curl|const|await|import|print|new)\b/)
            .map((word, at) => (at % 2 ? h("span", { class: "lit-word" }, word) : word)),
    );
}

function operationView(operation) {
  const draft = new Draft(operation);
  const request = tabs(
    "Request",
    [["Try it", () => tryPanel(draft)], ...languages(draft)],
    Number(sessionStorage.getItem("souk.panel") || 1),
    (index) => sessionStorage.setItem("souk.panel", String(index)),
  );
  const grpc = operation["x-souk-grpc"];
  const words = (operation.description || "").split("\n\n");
  const first = words[0].replace(/[.;:]$/, "") === operation.summary ? words.slice(1) : words;
  return h(
    "article",
    { class: "operation" },
    h(
      "div",
      { class: "operation-text" },
      h("p", { class: "crumbs" }, h("a", { href: `#/${operation.tags[0]}` }, operation.tags[0])),
      h("h1", {}, operation.summary),
      h(
        "div",
        { class: "address" },
        verbBadge(operation),
        h("code", { class: "path" }, pathWords(operation.path)),
        copyButton(operation.path, "Copy the address"),
      ),
      alsoAt(operation),
      badges(operation),
      h("div", { class: "prose" }, prose(first.join("\n\n"))),
      parametersPart(operation),
      bodyPart(operation),
      answersPart(operation),
      grpc
        ? lateSection(
            "gRPC",
            h(
              "div",
              { class: "grpc" },
              h("code", {}, grpc),
              copyButton(grpc, "Copy the gRPC name"),
            ),
          )
        : null,
    ),
    h(
      "div",
      { class: "operation-side" },
      h("div", { class: "panel" }, h("div", { class: "panel-title" }, "Request"), request),
      h(
        "div",
        { class: "panel" },
        h("div", { class: "panel-title" }, "Answer"),
        answerPanel(operation),
      ),
    ),
  );
}

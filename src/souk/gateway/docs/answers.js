// What a method answers: its success and every refusal.

function answersPart(operation) {
  const list = Object.entries(operation.responses).map(([status, given]) => {
    const answer = resolve(given);
    const examples = Object.entries(problems(answer));
    const schema = schemaOf(answer);
    const names = examples.map(([name]) => h("code", { class: "chip chip-value" }, name));
    const isGood = status.startsWith("2");
    const inner = isGood
      ? schema
        ? message(schema, { showRequired: false })
        : null
      : examples.map(([name, example]) => problem(name, resolve(example)));
    const head = [
      statusBadge(status),
      isGood
        ? h("span", { class: "answer-name" }, answerName(answer))
        : h("span", { class: "answer-codes" }, names),
    ];
    const hasMore = inner && [inner].flat().some(Boolean);
    return hasMore
      ? h(
          "details",
          { class: "answer-row", open: isGood && status !== "304" },
          h("summary", {}, icon("chevron"), head),
          h("div", { class: "answer-inner" }, inner),
        )
      : h(
          "div",
          { class: "answer-row answer-bare" },
          head,
          h("span", { class: "quiet" }, answer.description),
        );
  });
  return lateSection("Answers", h("div", { class: "answers" }, list));
}

const contentOf = (answer) => Object.values(answer.content || {})[0] || {};

const schemaOf = (answer) => {
  const content = contentOf(answer);
  return (
    content["x-souk-message"] ||
    (content.schema && (content.schema.$ref || content.schema.properties) ? content.schema : null)
  );
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
  return h(
    "div",
    { class: "problem" },
    h(
      "div",
      { class: "problem-head" },
      h("code", {}, name),
      h("span", {}, value.detail || example.summary),
    ),
    facts.length
      ? h(
          "div",
          { class: "chips" },
          h("span", { class: "quiet" }, "tells"),
          facts.map((fact) => h("code", { class: "chip" }, fact)),
        )
      : null,
  );
}

function answerPanel(operation) {
  const choices = Object.entries(operation.responses)
    .filter(([status]) => status !== "304")
    .map(([status, given]) => {
      const answer = resolve(given);
      const shown = () => {
        const first = Object.values(problems(answer))[0];
        const schema = schemaOf(answer);
        const value = first
          ? resolve(first).value
          : schema
            ? told(
                sample(schema, { lively: Boolean(answer["x-souk-when"]) }),
                answer["x-souk-when"],
              )
            : null;
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

// The page itself: overview, one service, one method.

function overview() {
  const words = api.info.description.split("\n\n");
  const lead = words[0].replace(/\n/g, " ");
  const streams = operations.filter((one) => one["x-souk-stream"]).length;
  const first = `curl ${location.origin}/api/v1/products`;
  return h(
    "div",
    { class: "overview" },
    h(
      "section",
      { class: "hero" },
      h(
        "div",
        { class: "hero-text" },
        h("p", { class: "crumbs" }, `version ${api.info.version} · OpenAPI ${api.openapi}`),
        h("h1", {}, "One market, ", h("em", {}, "every method.")),
        h("p", { class: "lead" }, lead),
        h(
          "div",
          { class: "hero-actions" },
          h(
            "button",
            { class: "button", onclick: () => find("#search").focus() },
            icon("search"),
            "Find a method",
          ),
          h(
            "a",
            { class: "button button-quiet", href: "/openapi.json", download: "souk-openapi.json" },
            icon("code"),
            "openapi.json",
          ),
        ),
      ),
      h(
        "div",
        { class: "panel hero-panel" },
        h("div", { class: "panel-title" }, "A first request"),
        codeBlock(shaded(first), first),
        h(
          "dl",
          { class: "facts" },
          [
            [String(api.tags.flatMap(listed).length), "methods"],
            [String(api.tags.length), "services"],
            [String(streams), streams === 1 ? "live stream" : "live streams"],
          ].map(([number, what]) => h("div", {}, h("dt", {}, number), h("dd", {}, what))),
        ),
      ),
    ),
    h(
      "section",
      { class: "part" },
      h("h2", {}, "Services"),
      h("div", { class: "cards" }, api.tags.map(card)),
    ),
    h(
      "section",
      { class: "part" },
      h("h2", {}, "Good to know"),
      h("div", { class: "prose prose-grid" }, prose(words.slice(1).join("\n\n"))),
    ),
    h(
      "p",
      { class: "keys-hint" },
      hint("/", "search"),
      hint("j", "next"),
      hint("k", "previous"),
      hint("Ctrl ↵", "send"),
    ),
  );
}

const hint = (key, what) => h("span", {}, h("kbd", {}, key), ` ${what}`);

function card(tag) {
  const own = listed(tag);
  const [, words] = tag.description.match(/^[^:]+:\s*(.*)$/) || [null, tag.description];
  return h(
    "a",
    { class: "card", href: `#/${tag.name}` },
    h("span", { class: "card-name" }, tag.name),
    h("span", { class: "card-words" }, words),
    h("span", { class: "card-count" }, `${own.length} ${own.length === 1 ? "method" : "methods"}`),
  );
}

function serviceView(tag) {
  const own = listed(tag);
  return h(
    "div",
    { class: "service" },
    h("p", { class: "crumbs" }, h("a", { href: "#/" }, "Souk")),
    h("h1", { class: "service-name" }, tag.name),
    h("p", { class: "lead" }, tag.description),
    h(
      "div",
      { class: "service-list" },
      own.map((one) =>
        h(
          "a",
          { class: "service-row", href: addressOf(one) },
          verbBadge(one, true),
          h("span", { class: "service-words" }, one.summary, h("code", {}, pathWords(one.path))),
          (one["x-souk-roles"] || []).length
            ? h(
                "span",
                { class: "service-lock", title: one["x-souk-roles"].join(", ") },
                icon("lock"),
              )
            : null,
        ),
      ),
    ),
  );
}

function show() {
  const [, tagName, operationId] = location.hash.split("/");
  const operation = operations.find((one) => one.operationId === operationId);
  const tag = api.tags.find((one) => one.name === tagName);
  const view = operation ? operationView(operation) : tag ? serviceView(tag) : overview();
  find("#content").replaceChildren(view);
  document.title = operation
    ? `${operation.summary} · Souk API`
    : tag
      ? `${tag.name} · Souk API`
      : "Souk API";
}

function go() {
  show();
  if (find("#search").value) {
    find("#search").value = "";
    paintNavigation();
  }
  const group = [...document.querySelectorAll(".nav-group")][
    api.tags.findIndex((tag) => tag.name === location.hash.split("/")[1])
  ];
  if (group) group.open = true;
  markHere();
  openMenu(false);
  scrollTo(0, 0);
}

async function begin() {
  prepareNavigation();
  try {
    const answer = await fetch("/openapi.json");
    if (!answer.ok) throw new Error(`status ${answer.status}`);
    api = await answer.json();
  } catch (error) {
    find("#content").replaceChildren(
      h("p", { class: "loading" }, `The contract cannot be read: ${error.message}`),
    );
    return;
  }
  operations = gather(api);
  paintNavigation();
  go();
  addEventListener("hashchange", go);
}

begin();

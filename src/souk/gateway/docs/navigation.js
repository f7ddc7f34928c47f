// Finding a method: the list, the search, the keyboard.

let operations = []; // every method, in the order of the list

function gather(document) {
  const rank = { get: 0, post: 1, put: 2, patch: 3, delete: 4 };
  const order = document.tags.map((tag) => tag.name);
  const found = [];
  for (const [path, verbs] of Object.entries(document.paths)) {
    for (const [verb, operation] of Object.entries(verbs)) found.push({ ...operation, path, verb });
  }
  return found.sort(
    (one, other) =>
      order.indexOf(one.tags[0]) - order.indexOf(other.tags[0]) ||
      one.path.localeCompare(other.path) ||
      rank[one.verb] - rank[other.verb],
  );
}

/** Those that the list shows: a method that has several addresses stands there once. */
const listed = (tag) =>
  operations.filter((one) => one.tags[0] === tag.name && !one["x-souk-same-as"]);

const addressOf = (operation) => `#/${operation.tags[0]}/${operation.operationId}`;

/** How well a method fits the words; 0 is not at all. */
function fit(operation, words) {
  const {
    summary,
    path,
    operationId,
    tags: [tag],
    verb,
  } = operation;
  const grpc = operation["x-souk-grpc"] || "";
  const all = [summary, path, operationId, tag, verb, grpc].join(" ").toLowerCase();
  if (!words.every((word) => all.includes(word))) return 0;
  const worth = (word) => {
    if (summary.toLowerCase().startsWith(word)) return 4;
    if (summary.toLowerCase().includes(word)) return 3;
    return path.includes(word) ? 2 : 1;
  };
  return words.reduce((score, word) => score + worth(word), 0);
}

function navItem(operation) {
  return h(
    "a",
    {
      class: "nav-item",
      href: addressOf(operation),
      title: `${operation.verb.toUpperCase()} ${operation.path}`,
    },
    verbBadge(operation, true),
    h("span", { class: "nav-words" }, operation.summary),
  );
}

function paintNavigation(text = "") {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const nav = find("#nav");
  if (words.length) {
    const hits = operations
      .filter((one) => !one["x-souk-same-as"] || words.some((word) => one.path.includes(word)))
      .map((one) => [fit(one, words), one])
      .filter(([score]) => score)
      .sort(([one], [other]) => other - one)
      .slice(0, 60);
    nav.replaceChildren(
      hits.length
        ? h(
            "div",
            { class: "nav-hits" },
            hits.map(([, one]) =>
              h(
                "a",
                { class: "nav-item nav-hit", href: addressOf(one) },
                verbBadge(one, true),
                h(
                  "span",
                  { class: "nav-words" },
                  one.summary,
                  h("span", { class: "nav-path" }, one.path),
                ),
              ),
            ),
          )
        : h("p", { class: "nav-none" }, "Nothing is called that."),
    );
  } else {
    const open = location.hash.split("/")[1] || "";
    nav.replaceChildren(
      ...api.tags.map((tag) => {
        const own = listed(tag);
        return h(
          "details",
          { class: "nav-group", open: tag.name === open },
          h(
            "summary",
            {},
            icon("chevron"),
            h("span", { class: "nav-tag" }, tag.name),
            h("span", { class: "nav-count" }, String(own.length)),
          ),
          own.map(navItem),
        );
      }),
    );
  }
  markHere();
}

function markHere() {
  for (const link of document.querySelectorAll("#nav .nav-item")) {
    const isHere = link.getAttribute("href") === location.hash;
    link.classList.toggle("is-here", isHere);
    if (isHere) {
      link.setAttribute("aria-current", "page");
      const group = link.closest("details");
      if (group) group.open = true;
      link.scrollIntoView({ block: "nearest" });
    } else link.removeAttribute("aria-current");
  }
}

function openMenu(isOpen) {
  document.body.classList.toggle("menu-open", isOpen);
  find("#menu").setAttribute("aria-expanded", String(isOpen));
  find("#menu").replaceChildren(icon(isOpen ? "close" : "menu"));
  find("#veil").hidden = !isOpen;
}

function step(by) {
  const all = api.tags.flatMap(listed);
  const here = all.findIndex((one) => addressOf(one) === location.hash);
  const next = all[Math.max(0, Math.min(all.length - 1, here + by))];
  if (next) location.hash = addressOf(next);
}

/** Moves among the links of the list, from the search box downwards. */
function moveFocus(by) {
  const links = [
    find("#search"),
    ...document.querySelectorAll("#nav .nav-item, #nav summary"),
  ].filter((link) => link.offsetParent !== null);
  const at = links.indexOf(document.activeElement);
  const next = links[Math.max(0, Math.min(links.length - 1, at + by))];
  next.focus();
}

function setTheme(name) {
  document.documentElement.dataset.theme = name;
  localStorage.setItem("souk.theme", name);
  find("#theme").replaceChildren(icon(name === "dark" ? "sun" : "moon"));
}

function listenToKeys() {
  document.addEventListener("keydown", (event) => {
    const isTyping = /^(input|textarea|select)$/i.test(event.target.tagName);
    const inside = event.target.closest && event.target.closest("#side");
    const wantsSearch =
      (event.key === "k" && (event.metaKey || event.ctrlKey)) || (event.key === "/" && !isTyping);
    if (wantsSearch) {
      event.preventDefault();
      openMenu(matchMedia("(max-width: 60rem)").matches);
      find("#search").select();
    } else if (event.key === "Escape") {
      if (event.target.id === "search") {
        event.target.value = "";
        paintNavigation();
        event.target.blur();
      }
      openMenu(false);
    } else if (inside && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
      event.preventDefault();
      moveFocus(event.key === "ArrowDown" ? 1 : -1);
    } else if (event.target.id === "search" && event.key === "Enter") {
      const first = find("#nav .nav-item");
      if (first) first.click();
    } else if (!isTyping && !event.metaKey && !event.ctrlKey && !event.altKey) {
      if (event.key === "j") step(1);
      if (event.key === "k") step(-1);
    }
  });
}

function prepareNavigation() {
  for (const link of document.querySelectorAll(".brand")) link.replaceChildren(...brand());
  find(".search-icon").replaceChildren(icon("search"));
  find("#find").replaceChildren(icon("search"));
  find("#menu").addEventListener("click", () =>
    openMenu(!document.body.classList.contains("menu-open")),
  );
  find("#find").addEventListener("click", () => {
    openMenu(true);
    find("#search").focus();
  });
  find("#veil").addEventListener("click", () => openMenu(false));
  find("#search").addEventListener("input", (event) => paintNavigation(event.target.value));
  find("#session").addEventListener("click", openKeys);
  find("#keys").addEventListener("close", () => show());
  const wished = localStorage.getItem("souk.theme");
  setTheme(wished || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light"));
  find("#theme").addEventListener("click", () =>
    setTheme(document.documentElement.dataset.theme === "dark" ? "light" : "dark"),
  );
  openMenu(false);
  paintSession();
  listenToKeys();
}

// Building blocks: elements, icons, words.

const find = (selector, within = document) => within.querySelector(selector);

/** h("p", {class: "x", onclick: f}, "text", child): an element; text is never read as HTML. */
function h(name, properties = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (value === undefined || value === null || value === false) continue;
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (value === true) element.setAttribute(key, "");
    else element.setAttribute(key, value);
  }
  element.append(...children.flat(3).filter((child) => child !== null && child !== undefined));
  return element;
}

const SHAPES = {
  menu: "M4 7h16M4 12h16M4 17h16",
  search: "M11 4a7 7 0 1 0 0 14 7 7 0 0 0 0-14zM20.5 20.5 16 16",
  close: "M6 6l12 12M18 6 6 18",
  copy: "M9 9h10v11H9zM5 15V4h10",
  check: "M5 12.5 10 17.5 19.5 7",
  sun: [
    "M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM12 2.5v2M12 19.5v2M2.5 12h2M19.5 12h2",
    "M5.3 5.3l1.4 1.4M17.3 17.3l1.4 1.4M5.3 18.7l1.4-1.4M17.3 6.7l1.4-1.4",
  ].join(""),
  moon: "M20 14.5A8 8 0 0 1 9.5 4a8 8 0 1 0 10.5 10.5z",
  key: "M8 11a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM11 12.5 20 4M16.5 7l3 3M14 9.5l2 2",
  chevron: "M9 6l6 6-6 6",
  play: "M8 5.5v13l10.5-6.5z",
  stop: "M7 7h10v10H7z",
  refresh: "M20 12a8 8 0 1 1-2.6-5.9M20 3.5V7.5h-4",
  lock: "M6 11h12v9H6zM8.5 11V8a3.5 3.5 0 0 1 7 0v3",
  globe:
    "M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17zM3.5 12h17M12 3.5c3 3 3 14 0 17c-3-3-3-14 0-17",
  bolt: "M13 3 5 14h6l-1 7 8-11h-6z",
  shield: "M12 3.5 5 6v6c0 4.5 3 7.5 7 8.5 4-1 7-4 7-8.5V6z",
  code: "M8.5 7.5 4 12l4.5 4.5M15.5 7.5 20 12l-4.5 4.5",
};

function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", SHAPES[name]);
  svg.append(path);
  return svg;
}

function brand() {
  const mark = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  mark.setAttribute("viewBox", "0 0 32 32");
  mark.setAttribute("class", "mark");
  mark.setAttribute("aria-hidden", "true");
  for (const [shape, kind] of [
    ["M2 8a6 6 0 0 1 6-6h16a6 6 0 0 1 6 6v16a6 6 0 0 1-6 6H8a6 6 0 0 1-6-6z", "mark-ground"],
    ["M7 26V15a9 9 0 0 1 18 0v11h-4.5V15.5a4.5 4.5 0 0 0-9 0V26z", "mark-arch"],
    ["M16 17.5l2.2 3.3L16 24l-2.2-3.2z", "mark-lamp"],
  ]) {
    const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
    path.setAttribute("d", shape);
    path.setAttribute("class", kind);
    mark.append(path);
  }
  return [
    mark,
    h("span", { class: "brand-name" }, "Souk"),
    h("span", { class: "brand-kind" }, "API"),
  ];
}

/** Words with `code`, **weight** and lists, as our contracts use them. */
function prose(text) {
  const blocks = [];
  for (const block of (text || "").split(/\n{2,}/)) {
    const lines = block.split("\n");
    if (lines[0].startsWith("* ")) {
      const items = block.split(/\n?^\* /m).filter(Boolean);
      blocks.push(
        h(
          "ul",
          {},
          items.map((item) => h("li", {}, inline(item.replace(/\n/g, " ")))),
        ),
      );
    } else if (block.trim()) {
      blocks.push(h("p", {}, inline(lines.join(" "))));
    }
  }
  return blocks;
}

function inline(text) {
  return text.split(/(`[^`]+`|\*\*[^*]+\*\*)/).map((part) => {
    if (part.startsWith("`")) return h("code", {}, part.slice(1, -1));
    if (part.startsWith("**")) return h("strong", {}, part.slice(2, -2));
    return part;
  });
}

let toastTimer = 0;
function toast(text) {
  const place = find("#toast");
  place.textContent = text;
  place.classList.add("is-shown");
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => place.classList.remove("is-shown"), 1800);
}

function copyButton(text, label = "Copy") {
  const button = h(
    "button",
    { class: "copy", type: "button", "aria-label": label, title: label },
    icon("copy"),
  );
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(typeof text === "function" ? text() : text);
    button.replaceChildren(icon("check"));
    toast("Copied");
    setTimeout(() => button.replaceChildren(icon("copy")), 1200);
  });
  return button;
}

/** Tabs after the ARIA pattern: arrows move, the chosen one is in the tab order. */
function tabs(label, choices, chosen = 0, onChoose = () => {}) {
  const panel = h("div", { class: "tab-panel", role: "tabpanel", tabindex: "0" });
  const buttons = choices.map(([name], index) =>
    h(
      "button",
      { class: "tab", role: "tab", type: "button", onclick: () => choose(index, true) },
      name,
    ),
  );
  function choose(index, byHand) {
    buttons.forEach((button, at) => {
      button.setAttribute("aria-selected", String(at === index));
      button.tabIndex = at === index ? 0 : -1;
    });
    panel.replaceChildren(...[choices[index][1]()].flat());
    if (byHand) onChoose(index);
  }
  const list = h("div", { class: "tabs", role: "tablist", "aria-label": label }, buttons);
  list.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const next = (buttons.indexOf(document.activeElement) + step + buttons.length) % buttons.length;
    choose(next, true);
    buttons[next].focus();
  });
  choose(Math.min(chosen, choices.length - 1), false);
  return [list, panel];
}

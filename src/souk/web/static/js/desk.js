// The desks: pictures dropped onto a product, and pulled into another order.
import { send, swap } from "./swap.js";

function enliven(root) {
  for (const form of root.querySelectorAll("[data-drop]")) drop(form);
  for (const form of root.querySelectorAll("[data-order]")) order(form);
}

// One file a request, so that each may be as large as a request may be.
function drop(form) {
  const input = form.querySelector("input[type=file]");
  form.querySelector("[data-drop-hint]").hidden = false;
  input.addEventListener("change", () => upload(form, [...input.files]));
  form.addEventListener("dragover", (event) => {
    event.preventDefault();
    form.classList.add("is-over");
  });
  form.addEventListener("dragleave", () => form.classList.remove("is-over"));
  form.addEventListener("drop", (event) => {
    event.preventDefault();
    form.classList.remove("is-over");
    upload(form, [...event.dataTransfer.files]);
  });
}

async function upload(form, files) {
  const url = form.getAttribute("action");
  const parts = form.dataset.drop;
  for (const [number, file] of files.entries()) {
    // Every upload puts a form anew into the page.
    document.querySelector(`${parts} [data-drop-state]`).textContent = `${number + 1} / ${files.length}`;
    const body = new FormData();
    body.append("csrf", form.elements.csrf.value);
    body.append("file", file);
    await swap(url, { method: "POST", body }, parts, { from: { form } });
    if (document.querySelector(`${parts} .problems`)) return;
  }
}

function order(form) {
  const list = form.querySelector("ol");
  let dragged = null;
  for (const item of list.children) {
    item.draggable = true;
    item.addEventListener("dragstart", (event) => {
      dragged = item;
      event.dataTransfer.effectAllowed = "move";
      item.classList.add("is-dragged");
    });
    item.addEventListener("dragover", (event) => {
      if (!dragged || dragged === item) return;
      event.preventDefault();
      const after = [...list.children].indexOf(dragged) < [...list.children].indexOf(item);
      item[after ? "after" : "before"](dragged);
    });
    item.addEventListener("dragend", () => {
      item.classList.remove("is-dragged");
      dragged = null;
      save(form, list);
    });
  }
}

function save(form, list) {
  const places = [...list.children].map((item) => item.dataset.place);
  if (places.every((place, at) => Number(place) === at)) return;
  const button = document.createElement("button");
  button.name = "action";
  button.value = "order";
  const field = document.createElement("input");
  field.type = "hidden";
  field.name = "order";
  field.value = places.join(" ");
  form.append(field, button);
  button.hidden = true;
  send(form, button);
}

enliven(document);
// On a phone the parts of a desk are a strip that is wider than the page.
const strip = document.querySelector(".desk-nav ul");
const current = strip?.querySelector("[aria-current]");
if (current) strip.scrollLeft = current.offsetLeft - (strip.clientWidth - current.offsetWidth) / 2;
document.addEventListener("souk:swapped", (event) => enliven(event.target));

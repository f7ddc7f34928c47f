// Small comforts: steppers, fields that send themselves, times in the visitor's own zone.
import { send, waiting } from "./swap.js";

const STYLES = { day: { dateStyle: "long" }, minute: { dateStyle: "medium", timeStyle: "short" } };
const made = {};

// Made when a page tells a time: making one takes a phone longer than all else here.
function timeOf(kind) {
  return (made[kind] ??= new Intl.DateTimeFormat(document.documentElement.lang, STYLES[kind]));
}

// Pictures of shops lie anywhere; where one does not come, a drawn one takes its place.
function draw(image) {
  const { drawn } = image.dataset;
  delete image.dataset.drawn;
  image.src = drawn;
}
addEventListener("error", (event) => event.target.dataset?.drawn && draw(event.target), true);

export function enliven(root) {
  for (const image of root.querySelectorAll("img[data-drawn]")) {
    if (image.complete && !image.naturalWidth) draw(image);
  }
  for (const time of root.querySelectorAll("time[data-time]")) {
    time.textContent = timeOf(time.dataset.time).format(new Date(time.dateTime));
  }
  for (const stepper of root.querySelectorAll("[data-stepper]")) steps(stepper);
  for (const field of root.querySelectorAll("[data-auto]")) {
    field.addEventListener("change", () => auto(field));
  }
  // On a phone there are more tabs than fit beside one another.
  const tab = root.querySelector(".tabs [aria-current]");
  if (tab) tab.parentElement.scrollLeft = tab.offsetLeft - (innerWidth - tab.offsetWidth) / 2;
  for (const field of root.querySelectorAll("[data-preview]")) {
    field.addEventListener("change", () => preview(field));
  }
  for (const extra of root.querySelectorAll("[data-without]")) extra.hidden = true;
  for (const button of root.querySelectorAll("[data-print]")) {
    button.hidden = false;
    button.addEventListener("click", () => print());
  }
}

function steps(stepper) {
  const input = stepper.querySelector("input");
  for (const button of stepper.querySelectorAll("button")) {
    button.hidden = false;
    button.addEventListener("click", () => {
      const next = Number(input.value || 0) + Number(button.dataset.step);
      if (next < Number(input.min) || (input.max && next > Number(input.max))) return;
      input.value = next;
      input.dispatchEvent(new Event("change", { bubbles: true }));
    });
  }
}

// A field with data-auto sends its form by the button it names, or as Enter would. Lists wait a
// little: who types into one changes it letter by letter.
const SETTLE_MS = 600;

function auto(field) {
  const form = field.form;
  const by = field.dataset.auto ? form.querySelector(`[value="${field.dataset.auto}"]`) : null;
  clearTimeout(waiting.get(form));
  waiting.set(form, setTimeout(() => {
    const anew = form.isConnected ? field : document.getElementById(field.id);
    if (anew !== field || form.ariaBusy) return anew && auto(anew);
    if (form.dataset.swap) send(form, by);
    else form.requestSubmit(by);
  }, field.matches("select.input") || form.ariaBusy ? SETTLE_MS : 0));
}

// A picture that was chosen is seen before it is sent.
function preview(field) {
  const image = document.getElementById(field.dataset.preview);
  const reader = new FileReader();
  reader.addEventListener("load", () => {
    image.src = reader.result;
    image.hidden = false;
  });
  if (field.files[0]?.type.startsWith("image/")) reader.readAsDataURL(field.files[0]);
}

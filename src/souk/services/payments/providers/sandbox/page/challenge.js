
"use strict";
const main = document.querySelector("main");
const result = document.querySelector(".result");
const buttons = [...document.querySelectorAll("button")];

function show(outcome) {
  main.dataset.outcome = outcome;
  document.title = result.querySelector("." + outcome + " h2").textContent + " · Souk sandbox";
  result.focus();
}

async function decide(approve) {
  buttons.forEach((button) => { button.disabled = true; });
  try {
    const answer = await fetch(location.pathname, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ approve }),
    });
    if (!answer.ok) throw new Error(String(answer.status));
    show((await answer.json()).status);
  } catch {
    show("failed");
  } finally {
    buttons.forEach((button) => { button.disabled = false; });
  }
}

// Without this script the form goes to a page of the shop's, which answers in its place.
document.querySelector("form").addEventListener("submit", (event) => {
  event.preventDefault();
  decide(event.submitter.value === "true");
});

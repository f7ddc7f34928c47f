// Whose keys the page uses: kept in this tab, for as long as it is open.

const session = {
  read: (name) => sessionStorage.getItem(`souk.${name}`) || "",
  keep(name, value) {
    if (value) sessionStorage.setItem(`souk.${name}`, value);
    else sessionStorage.removeItem(`souk.${name}`);
    paintSession();
  },
};

const freshKey = () => {
  const bytes = crypto.getRandomValues(new Uint8Array(8));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
};

function paintSession() {
  const signedIn = Boolean(session.read("token"));
  const button = find("#session");
  const words = signedIn ? `Signed in${whoIs()}` : "Sign in to try";
  button.replaceChildren(h("span", { class: signedIn ? "dot dot-on" : "dot" }), icon("key"), words);
}

/** The roles that the token names, as far as a page can read it. */
function whoIs() {
  try {
    const part = session.read("token").split(".")[1].replace(/-/g, "+").replace(/_/g, "/");
    const roles = JSON.parse(atob(part)).roles || [];
    return roles.length ? ` · ${roles.join(", ")}` : "";
  } catch {
    return "";
  }
}

function openKeys() {
  const dialog = find("#keys");
  const field = (label, name, hint, placeholder) => {
    const input = h("textarea", {
      rows: "3",
      spellcheck: "false",
      placeholder,
      "aria-label": label,
    });
    input.value = session.read(name);
    input.addEventListener("input", () => session.keep(name, input.value.trim()));
    return h(
      "label",
      { class: "form-row" },
      h("span", { class: "form-name" }, label),
      input,
      h("span", { class: "form-hint" }, hint),
    );
  };
  dialog.replaceChildren(
    h(
      "div",
      { class: "dialog-head" },
      h("h2", { id: "keys-title" }, "Your keys"),
      h(
        "button",
        { class: "icon-button", "aria-label": "Close", onclick: () => dialog.close() },
        icon("close"),
      ),
    ),
    h(
      "p",
      { class: "quiet" },
      "Kept in this tab only. Register and log in fill in the token by themselves; ",
      "a guest's first cart fills in the cart token.",
    ),
    field("Access token", "token", "Sent as Authorization: Bearer …", "eyJhbGciOiJFZERTQSIs…"),
    field("Cart token", "cart", "Sent as X-Cart-Token where a method knows it.", "a guest's cart"),
    h(
      "div",
      { class: "dialog-foot" },
      h(
        "button",
        {
          class: "button button-quiet",
          onclick: () => {
            session.keep("token", "");
            session.keep("cart", "");
            dialog.close();
          },
        },
        "Forget both",
      ),
      h("button", { class: "button", onclick: () => dialog.close() }, "Done"),
    ),
  );
  if (!dialog.open) dialog.showModal();
}

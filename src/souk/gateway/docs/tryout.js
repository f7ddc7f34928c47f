// The form in which a method is tried out.

function control(one, draft, changed) {
  const { schema } = proper(resolve(one.schema));
  const id = `try-${one.name}`;
  const set = (value) => {
    draft.values[one.name] = value;
    changed();
  };
  let input;
  if (valuesOf(schema) || schema.type === "boolean") {
    const values = valuesOf(schema) || ["true", "false"];
    input = h(
      "select",
      { id, onchange: (event) => set(event.target.value) },
      one.required ? null : h("option", { value: "" }, "—"),
      values.map((value) =>
        h("option", { value, selected: draft.values[one.name] === value }, value),
      ),
    );
  } else {
    const hint = one.in === "path" ? "" : schema.type === "array" ? "one, two" : typeOf(schema);
    input = h("input", {
      id,
      placeholder: hint,
      spellcheck: "false",
      autocomplete: "off",
      value: draft.values[one.name] || "",
    });
    input.addEventListener("input", () => set(input.value));
  }
  return h(
    "div",
    { class: "form-row form-line" },
    h(
      "label",
      { for: id },
      h("span", { class: one.required ? "form-name is-required" : "form-name" }, one.name),
      h("span", { class: "form-in" }, one.in),
    ),
    input,
  );
}

function special(one, draft, changed) {
  if (one.name === "Idempotency-Key") {
    const input = h("input", { value: draft.key, spellcheck: "false", "aria-label": one.name });
    input.addEventListener("input", () => {
      draft.key = input.value;
      changed();
    });
    const again = h(
      "button",
      {
        class: "icon-button",
        type: "button",
        title: "A new key",
        "aria-label": "A new key",
        onclick: () => {
          input.value = draft.key = freshKey();
          changed();
        },
      },
      icon("refresh"),
    );
    return h(
      "div",
      { class: "form-row form-line" },
      h(
        "label",
        {},
        h("span", { class: one.required ? "form-name is-required" : "form-name" }, one.name),
        h("span", { class: "form-in" }, "header"),
      ),
      h("div", { class: "with-button" }, input, again),
    );
  }
  if (one.name === "X-Cart-Token") {
    const input = h("input", {
      value: session.read("cart"),
      spellcheck: "false",
      placeholder: "a guest's cart",
      "aria-label": one.name,
    });
    input.addEventListener("input", () => {
      session.keep("cart", input.value.trim());
      changed();
    });
    return h(
      "div",
      { class: "form-row form-line" },
      h(
        "label",
        {},
        h("span", { class: "form-name" }, one.name),
        h("span", { class: "form-in" }, "header"),
      ),
      input,
    );
  }
  return control(one, draft, changed);
}

function tryPanel(draft) {
  const { operation } = draft;
  const changed = () => {};
  const answer = h("div", { class: "answer", "aria-live": "polite" });
  const button = h(
    "button",
    { class: "button button-send", type: "button" },
    icon("play"),
    operation["x-souk-stream"] ? "Listen" : "Send",
  );
  button.onclick = () => send(draft, answer, button);
  const parts = (operation.parameters || [])
    .filter((one) => one.name !== "access_token")
    .map((one) => special(one, draft, changed));
  if (draft.isUpload) {
    const input = h("input", { type: "file", "aria-label": "file" });
    input.addEventListener("change", () => {
      [draft.file] = input.files;
    });
    parts.push(
      h(
        "div",
        { class: "form-row form-line" },
        h(
          "label",
          {},
          h("span", { class: "form-name is-required" }, "file"),
          h("span", { class: "form-in" }, "form"),
        ),
        input,
      ),
    );
  }
  if (draft.hasJson || draft.isRaw) parts.push(bodyEditor(draft));
  const needsToken =
    (operation.security || []).length &&
    !operation.security.some((one) => !Object.keys(one).length);
  const note =
    needsToken && !session.read("token")
      ? h(
          "button",
          { class: "note-button", type: "button", onclick: openKeys },
          icon("lock"),
          "This method needs an access token",
        )
      : null;
  return h(
    "div",
    { class: "try" },
    note,
    parts.length ? parts : h("p", { class: "quiet" }, "Nothing to fill in."),
    button,
    answer,
  );
}

function bodyEditor(draft) {
  const area = h("textarea", {
    class: "editor",
    spellcheck: "false",
    "aria-label": "Body",
    rows: String(Math.min(16, Math.max(4, draft.body.split("\n").length + 1))),
  });
  area.value = draft.body;
  area.addEventListener("input", () => {
    draft.body = area.value;
  });
  area.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.metaKey || event.ctrlKey)) find(".button-send").click();
  });
  const all = draft.hasJson
    ? h(
        "button",
        {
          class: "link-button",
          type: "button",
          onclick: () => {
            draft.all = !draft.all;
            draft.body = area.value = draft.sampleBody();
            area.rows = Math.min(16, Math.max(4, draft.body.split("\n").length + 1));
            all.textContent = draft.all ? "required fields only" : "all fields";
          },
        },
        draft.all ? "required fields only" : "all fields",
      )
    : null;
  return h(
    "div",
    { class: "form-row" },
    h("div", { class: "form-body-head" }, h("span", { class: "form-name" }, "Body"), all),
    area,
  );
}

// A form with data-passkey has the browser answer to its options, and sends the answer.
const ask = {
  create: (options) =>
    navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) }),
  get: (options) =>
    navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) }),
};

const form = document.querySelector("form[data-passkey]");
if (window.PublicKeyCredential?.parseCreationOptionsFromJSON) {
  form.querySelector("button").disabled = false;
  form.addEventListener("submit", async (event) => {
    if (form.elements.credential.value) return;
    event.preventDefault();
    try {
      const credential = await ask[form.dataset.passkey](JSON.parse(form.dataset.options));
      form.elements.credential.value = JSON.stringify(credential);
      form.requestSubmit();
    } catch {
      form.querySelector("[data-failed]").hidden = false; // it was cancelled, or took too long
    }
  });
}

// A select with data-submit sends its form when another value is chosen; without scripts there is a button.
for (const select of document.querySelectorAll("select[data-submit]")) {
  select.addEventListener("change", () => select.form.requestSubmit());
}

// Switches between light and dark and keeps the choice in a cookie, which the server reads before the first paint.
const root = document.documentElement;
const button = document.querySelector("[data-theme-switch]");

function isDark() {
  return root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
}

function describe() {
  button.setAttribute("aria-label", isDark() ? "Switch to light colours" : "Switch to dark colours");
}

if (button) {
  button.hidden = false;
  describe();
  button.addEventListener("click", () => {
    root.dataset.theme = isDark() ? "light" : "dark";
    document.cookie = `mercato-theme=${root.dataset.theme}; path=/; max-age=31536000; samesite=lax`;
    describe();
  });
}

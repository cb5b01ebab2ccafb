"use strict";

// Light, dark, or as the system has it; and what needs a script is shown where there is one.

const root = document.documentElement;
root.classList.add("js");

const stored = {
  get theme() {
    try { return localStorage.getItem("chatproof-theme") ?? ""; } catch { return ""; }
  },
  set theme(name) {
    try { localStorage.setItem("chatproof-theme", name); } catch { /* not allowed here */ }
  },
};

function wear(theme) {
  if (theme) root.dataset.theme = theme;
  else delete root.dataset.theme;
}

wear(stored.theme);
document.addEventListener("DOMContentLoaded", () => {
  const theme = document.querySelector("#theme");
  theme.value = stored.theme;
  theme.addEventListener("change", () => {
    stored.theme = theme.value;
    wear(theme.value);
  });
});

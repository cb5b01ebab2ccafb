"use strict";

// The page is complete without this. Here it learns to filter, to copy, to fold, and to show an
// exchange where a finding speaks of it. Text is moved as nodes or as textContent, never as HTML.

document.addEventListener("DOMContentLoaded", () => {
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const one = (selector) => document.querySelector(selector);
  const requirements = all(".requirement");
  const form = one("#filters");

  // Folding --------------------------------------------------------------------------------------

  for (const details of all(".requirement > details, .undecided, .rest")) details.open = false;
  const unfold = one("#unfold");
  unfold.addEventListener("click", () => {
    const open = unfold.getAttribute("aria-pressed") !== "true";
    unfold.setAttribute("aria-pressed", String(open));
    unfold.textContent = open ? "Fold" : "Unfold";
    for (const article of requirements) if (!article.hidden) article.firstElementChild.open = open;
  });

  // Filters --------------------------------------------------------------------------------------

  const texts = new Map();
  const textOf = (article) => {
    if (!texts.has(article)) texts.set(article, article.textContent.toLowerCase());
    return texts.get(article);
  };
  const several = (name) => all(`input[name=${name}]`, form);
  const checked = (name) => several(name).filter((box) => box.checked).map((box) => box.value);

  function chosen() {
    return {
      q: form.elements.q.value.trim(),
      class: form.elements.class.value,
      level: checked("level"),
      verdict: checked("verdict"),
    };
  }

  function filter() {
    const wanted = chosen();
    const words = wanted.q.toLowerCase().split(/\s+/).filter(Boolean);
    let count = 0;
    for (const article of requirements) {
      const { class: cls, level, verdict } = article.dataset;
      const shown = (!wanted.class || cls === wanted.class)
        && (!wanted.level.length || wanted.level.includes(level))
        && (!wanted.verdict.length || wanted.verdict.includes(verdict))
        && words.every((word) => textOf(article).includes(word));
      article.hidden = !shown;
      count += shown;
    }
    for (const group of all(".group")) {
      const left = all(".requirement:not([hidden])", group).length;
      group.hidden = !left;
      group.querySelector(".group-title .times").textContent = left;
    }
    const everything = count === requirements.length;
    one("#count").textContent = everything
      ? `${count} requirements` : `${count} of ${requirements.length} requirements`;
    one("#reset").hidden = everything && !words.length;
    return wanted;
  }

  function clear() {
    form.elements.q.value = form.elements.class.value = "";
    for (const box of all("input[type=checkbox]", form)) box.checked = false;
  }

  function remember(wanted) {
    const said = new URLSearchParams();
    for (const [name, value] of Object.entries(wanted)) if (value.length) said.set(name, String(value));
    const fragment = said.toString().replaceAll("%2C", ",");
    history.replaceState(null, "", fragment ? `#${fragment}` : location.pathname + location.search);
  }

  function recall() {
    const fragment = location.hash.slice(1);
    if (!fragment.includes("=")) return;
    const said = new URLSearchParams(fragment);
    form.elements.q.value = said.get("q") ?? "";
    form.elements.class.value = said.get("class") ?? "";
    if (form.elements.class.selectedIndex < 0) form.elements.class.value = "";
    for (const name of ["level", "verdict"]) {
      const values = (said.get(name) ?? "").split(",");
      for (const box of several(name)) box.checked = values.includes(box.value);
    }
  }

  const refilter = () => remember(filter());
  form.addEventListener("input", refilter);
  form.addEventListener("change", refilter);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(refilter));
  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest("input, select, textarea");
    if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      form.elements.q.focus();
    }
  });

  // A link to a requirement unfolds it, and shows it if a filter had taken it away.
  function follow() {
    recall();
    filter();
    const target = document.getElementById(location.hash.slice(1));
    if (!target?.matches(".requirement")) return;
    if (target.hidden) {
      clear();
      filter();
    }
    target.firstElementChild.open = true;
    target.scrollIntoView();
    target.querySelector("summary").focus({ preventScroll: true });
  }

  window.addEventListener("hashchange", follow);
  follow();

  // What is clicked ------------------------------------------------------------------------------

  async function copy(button) {
    const text = document.getElementById(button.dataset.copy).textContent;
    const label = (button.dataset.label ??= button.textContent);
    let done = true;
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      done = copyBySelection(text);
    }
    button.textContent = done ? "Copied" : "Not allowed here";
    one("#announced").textContent = button.textContent;
    setTimeout(() => { button.textContent = label; }, 1500);
  }

  // Where the clipboard is closed to pages that came without TLS.
  function copyBySelection(text) {
    const area = document.createElement("textarea");
    area.value = text;
    document.body.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    return done;
  }

  function showExchange(button) {
    const open = button.getAttribute("aria-expanded") !== "true";
    button.setAttribute("aria-expanded", String(open));
    button.textContent = open ? "Hide the exchange" : "Show the whole exchange";
    const place = button.closest(".actions");
    if (!open) {
      place.nextElementSibling.remove();
      return;
    }
    const shown = document.getElementById(button.dataset.exchange).cloneNode(true);
    shown.removeAttribute("id");
    for (const node of all("[id]", shown)) node.removeAttribute("id");
    for (const mark of all("mark", shown)) {
      const own = mark.dataset.places.split(" ").includes(button.dataset.place);
      if (!own) mark.replaceWith(...mark.childNodes);
    }
    place.after(shown);
  }

  function choose(link) {
    clear();
    if (link.dataset.class) form.elements.class.value = link.dataset.class;
    for (const box of several("verdict")) box.checked = box.value === link.dataset.verdict;
    refilter();
    one("#requirements").scrollIntoView();
    one("#requirements").focus({ preventScroll: true });
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-copy], [data-exchange], a[data-class], a[data-verdict]");
    if (!button) return;
    if (button.dataset.copy) copy(button);
    else if (button.dataset.exchange) showExchange(button);
    else {
      event.preventDefault();
      choose(button);
    }
  });
});

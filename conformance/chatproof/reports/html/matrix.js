// The matrix is complete without this. Here it learns to show a part of itself.

document.addEventListener("DOMContentLoaded", () => {
  const form = document.querySelector("#filters");
  const groups = [...document.querySelectorAll("#matrix tbody")];
  const rows = [...document.querySelectorAll("#matrix .row")];

  function filter() {
    const words = form.elements.q.value.trim().toLowerCase().split(/\s+/).filter(Boolean);
    const cls = form.elements.class.value;
    const boxes = [...form.querySelectorAll("input[name=change]:checked")];
    const changes = boxes.map((box) => box.value);
    let count = 0;
    for (const row of rows) {
      const text = row.textContent.toLowerCase();
      const shown = (!cls || row.parentElement.dataset.class === cls)
        && (!changes.length || changes.includes(row.dataset.change))
        && words.every((word) => text.includes(word));
      row.hidden = !shown;
      count += shown;
    }
    for (const group of groups) group.hidden = !group.querySelector(".row:not([hidden])");
    document.querySelector("#count").textContent = count === rows.length
      ? `${count} requirements` : `${count} of ${rows.length} requirements`;
  }

  form.addEventListener("input", filter);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(filter));
  filter();
});

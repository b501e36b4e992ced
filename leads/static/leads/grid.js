// The arrow keys walk over the nine cells; Enter opens one, as it does with any link.
"use strict";

document.addEventListener("keydown", (event) => {
  const cell = event.target.closest("[data-grid] [data-cell]");
  if (!cell || event.altKey || event.ctrlKey || event.metaKey) return;
  const step = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] }[event.key];
  if (!step) return;
  const columns = [...cell.closest("[data-grid]").children].map((one) => [...one.querySelectorAll("[data-cell]")]);
  const column = columns.findIndex((one) => one.includes(cell));
  const next = columns[column + step[0]]?.[columns[column].indexOf(cell) + step[1]];
  event.preventDefault();
  next?.focus();
});

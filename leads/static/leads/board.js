// Dragging a card to another column opens the lead's step page for that stage. The page asks for
// what the step needs and says no where the rules say no; nothing is decided here. The menu on
// every card does the same from the keyboard.
"use strict";

document.addEventListener("DOMContentLoaded", () => {
  const board = document.querySelector(".crm-board");
  if (!board) return;
  const lanes = [...board.querySelectorAll(".crm-lane")];
  let card = null;

  const laneOf = (target) => target.closest(".crm-lane");
  const tidy = () => {
    board.classList.remove("crm-moving");
    lanes.forEach((lane) => lane.classList.remove("crm-open-lane", "crm-over"));
    card = null;
  };

  board.addEventListener("dragstart", (event) => {
    card = event.target.closest(".crm-lead-card");
    if (!card) return;
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", card.dataset.step);
    const ways = card.dataset.ways.split(" ");
    board.classList.add("crm-moving");
    lanes.forEach((lane) => lane.classList.toggle("crm-open-lane", ways.includes(lane.dataset.stage)));
  });

  board.addEventListener("dragover", (event) => {
    const lane = laneOf(event.target);
    if (!card || !lane || lane.contains(card)) return;
    event.preventDefault();
    lanes.forEach((one) => one.classList.toggle("crm-over", one === lane));
  });

  board.addEventListener("drop", (event) => {
    const lane = laneOf(event.target);
    if (!card || !lane || lane.contains(card)) return;
    event.preventDefault();
    const asked = new URLSearchParams({ to: lane.dataset.stage, next: board.dataset.back });
    const address = `${card.dataset.step}?${asked}`;
    tidy();
    window.location.assign(address);
  });

  board.addEventListener("dragend", tidy);

  // One open menu at a time; Escape closes it.
  board.addEventListener("toggle", (event) => {
    if (!event.target.open) return;
    board.querySelectorAll(".crm-move[open]").forEach((menu) => {
      if (menu !== event.target) menu.open = false;
    });
  }, true);
  board.addEventListener("keydown", (event) => {
    const menu = event.target.closest(".crm-move[open]");
    if (event.key !== "Escape" || !menu) return;
    menu.open = false;
    menu.querySelector("summary").focus();
  });
});

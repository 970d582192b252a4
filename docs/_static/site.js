// A prediction is kept in the reader's browser and shown beside what was measured.
const kept = key => `backproplab ${key}`;

for (const field of document.querySelectorAll("[data-prediction]")) {
  const key = kept(field.dataset.prediction);
  field.value = localStorage.getItem(key) ?? "";
  field.addEventListener("input", () => {
    if (field.value.trim()) localStorage.setItem(key, field.value);
    else localStorage.removeItem(key);
  });
}

for (const fold of document.querySelectorAll("details[data-reveal]")) {
  fold.addEventListener("toggle", () => {
    const guess = localStorage.getItem(kept(fold.dataset.reveal));
    const line = fold.querySelector(".predicted");
    line.hidden = !guess;
    line.textContent = `you predicted: ${guess}`;
  });
}

// What is wider than its place can be scrolled with the keyboard too.
const mayScroll = document.querySelectorAll(".table-wrapper, .formula, pre, figure");
const reachable = () => {
  for (const box of mayScroll) {
    if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
    else box.removeAttribute("tabindex");
  }
};
addEventListener("load", reachable);
addEventListener("resize", reachable);

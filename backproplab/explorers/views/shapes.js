// Shapes: tiles are placed or dragged into dW = ? · ?; the trace knows each product.

const LETTER = { n: "N", d: "D", h: "H" };

const render = explorer((frame, t) => {
  let round = 0, target = "dW", slots = [], held = null, tried = {}, asked = {};
  const now = () => t.rounds[round];
  const size = (letter) => now().sizes[letter];
  const shape = (axes) => [...axes].map(size).join(" × ");
  const counted = (letter) => `${size(letter)} ${t.axes[letter]}`;
  const wanted = () => (target === "db" ? 1 : 2);
  const key = () => slots.join(" ");
  const full = () => slots.filter(Boolean).length === wanted();
  const judged = () => (full() ? now().judged[target][key()] : null);
  const log = () => (tried[`${round}${target}`] ??= []);
  const solved = (goal) => (tried[`${round}${goal}`] ?? []).some((name) => now().judged[goal][name].verdict === "right");

  // A grid of numbers with a letter on its left and on its top edge.
  function grid(values, axes, gap = null) {
    const rows = Array.isArray(values[0]) ? values : [values];
    const columns = rows[0].length, off = (i, j) => gap && (gap[i]?.[j] ?? gap[j]) > 1e-6;
    const cells = rows.flatMap((list, i) => list.map((x, j) => html("span", { class: off(i, j) ? "cell off" : "cell" }, short(x))));
    const [left, top] = axes.length > 1 ? axes : [null, axes];
    return html("span", { class: "tile-grid" },
      html("span", { class: `edge-top axis-${top}` }, top ? `${LETTER[top]} = ${size(top)}` : ""),
      html("span", { class: `edge-left axis-${left}` }, left ? `${LETTER[left]} = ${size(left)}` : ""),
      html("span", { class: "cells", style: `grid-template-columns:repeat(${columns},30px)` }, cells));
  }

  function tile(name, onclick, words, from = -1) {
    const sum = name in t.sums, axes = sum ? t.sums[name] : t.tiles[name];
    const label = sum ? `${name}: one number per ${({ n: "example", d: "input", h: "unit" })[axes]}` : `${name}, ${counted(axes[0])} by ${counted(axes[1])}`;
    const ondragstart = (event) => { event.dataTransfer.setData("text/plain", name); held = { name, from }; };
    return html("button", { type: "button", class: "tile", draggable: "true", onclick, ondragstart, "aria-label": `${words} ${label}` },
      html("span", { class: "tile-name" }, name), sum ? html("span", { class: "faint" }, `one per ${({ n: "example", d: "input", h: "unit" })[axes]}`)
        : grid(now().arrays[name], axes));
  }

  const rounds = t.rounds.map((each, k) => button(each.square && k ? `All sizes ${each.sizes.n}` : `N, D, H = ${Object.values(each.sizes).join(", ")}`,
    () => { round = k; start(); }, { "data-round": k }));
  const targets = Object.keys(t.targets).map((name) => button(name, () => { target = name; start(); }, { "data-target": name }));
  const asking = html("div"), story = html("p", { class: "bpl-line", "aria-live": "polite" });
  const work = html("div", { class: "work" }), palette = html("div", { class: "palette" });
  const given = html("p", { class: "faint" });
  frame.root.append(html("div", { class: "bpl-row" }, html("span", { role: "group", "aria-label": "Round", class: "bpl-row" }, rounds),
    html("span", { role: "group", "aria-label": "Gradient", class: "bpl-row" }, targets)), given, asking, work, story, palette);

  function start() {
    slots = [];
    ask();
    draw();
  }

  function ask() {
    const at = `${round}${now().square ? "" : target}`, axes = t.targets[target];
    if (at in asked) { asking.replaceChildren(); return; }
    const done = (said, words) => {
      asked[at] = said ? `You said ${said.map((one) => one.guess).join(" × ")}. ${said.every((one) => one.right) ? "Yes: " : ""}${words}` : words;
      asking.replaceChildren();
      draw();
      palette.querySelector("button").focus();
    };
    const square = { question: "Predict: all three sizes are equal now. How many of the 36 products have the shape of dW?",
      fields: [{ label: "products", value: now().fitting.dW.length }],
      reveal: (said) => done(said, `${now().fitting.dW.length} of 36 have the right shape. Only the numbers decide which is right.`) };
    const plain = { question: `Predict the shape of ${target}.`, fields: [...axes].map((letter, k) => ({ label: axes.length < 2 ? "length" : k ? "columns" : "rows", value: size(letter) })),
      reveal: (said) => done(said, `${target} is ${shape(axes)}${axes.length > 1 ? "" : " numbers"}, like ${target.slice(1)}.`) };
    asking.replaceChildren(prediction(now().square ? square : plain));
  }

  // Into the first free place; into a full product, as the start of a new one.
  function place(name) {
    if (full()) slots = [];
    put(name, slots[0] ? 1 : 0);
  }

  function put(name, k) {
    slots[k] = name;
    if (full() && !log().includes(key())) log().push(key());
    draw();
  }

  // A place for a tile: a tile from below, or from the other place, can be dropped here.
  function hole(k) {
    const drop = (event) => {
      event.preventDefault();
      if (held.from >= 0) slots[held.from] = undefined;
      put(held.name, k);
      held = null;
    };
    const over = (event) => { if (held) event.preventDefault(); };
    return html("span", { class: "hole", ondragover: over, ondrop: drop },
      slots[k] ? tile(slots[k], () => take(k), "Take back", k) : html("span", { class: "slot" }, "?"));
  }

  function take(k) {
    slots[k] = undefined;
    draw();
    palette.querySelector("button").focus();
  }

  // Do the two inner sizes meet, and the two inner letters?
  function meeting() {
    if (!slots[0] || !slots[1]) return html("span", { class: "meets" }, "·");
    const inner = [t.tiles[slots[0]][1], t.tiles[slots[1]][0]], [a, b] = inner.map(size);
    const good = inner[0] === inner[1];
    return html("span", { class: `meets ${good ? "bpl-right" : "bpl-wrong"}` },
      `${inner.map((letter) => LETTER[letter]).join(good ? " = " : " ≠ ")}`, html("br"), a === b ? `${a} = ${b}` : `${a} ≠ ${b}`);
  }

  function draw() {
    const entry = judged(), axes = t.targets[target], measured = now().measured[target];
    rounds.forEach((b) => set(b, { "aria-pressed": String(Number(b.dataset.round) === round) }));
    targets.forEach((b) => {
      set(b, { "aria-pressed": String(b.dataset.target === target) });
      b.textContent = solved(b.dataset.target) ? `${b.dataset.target} done` : b.dataset.target;
    });
    given.textContent = `Z = X W + b with ${counted("n")}, ${counted("d")}, ${counted("h")}; L = ½ Σ (Z − Y)².`;
    const boxes = Array.from({ length: wanted() }, (_, k) => hole(k));
    work.replaceChildren(html("span", { class: "goal" }, target, at() ? html("span", { class: "faint" }, shape(axes)) : null, "="),
      ...(boxes.length > 1 ? [boxes[0], meeting(), boxes[1]] : boxes),
      ...(entry && entry.value ? [html("span", { class: "goal" }, "="), result(entry), check(entry, measured, axes)] : []));
    const many = log().length, fits = now().fitting[target].length;
    story.replaceChildren(...(!entry ? [at() ? `${asked[at()]} ` : "", slots.some(Boolean) ? "One more tile." : "Choose a tile, or drag it."]
      : [html("b", { class: entry.verdict === "right" ? "bpl-right" : "bpl-wrong" }, { right: "Right. ", wrong: "The shape fits, the numbers do not. ",
        shape: "Not this shape. ", misfit: "No product. " }[entry.verdict]), entry.why,
      now().square && entry.verdict !== "right" ? ` (${many} tried of ${fits} that fit.)` : ""]));
    const names = target === "db" ? Object.keys(t.sums) : Object.keys(t.tiles);
    if (palette.dataset.of !== `${round}${names}`) {
      palette.dataset.of = `${round}${names}`;
      palette.replaceChildren(...names.map((name) => tile(name, () => place(name), "Place")));
    }
  }

  const at = () => [`${round}`, `${round}${target}`].find((name) => name in asked);

  function result(entry) {
    const axes = target === "db" ? t.sums[slots[0]] : t.tiles[slots[0]][0] + t.tiles[slots[1]][1];
    return html("span", { class: `tile result ${entry.verdict}` }, html("span", { class: "tile-name" }, "your product"), grid(entry.value, axes, entry.gap));
  }

  function check(entry, measured, axes) {
    if (entry.verdict === "shape") return "";
    return html("span", { class: "tile result" }, html("span", { class: "tile-name" }, `${target}, measured`), grid(measured, axes));
  }

  start();
  return (trace) => { t = trace; start(); };
});
export default { render };

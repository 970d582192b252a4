// A classifier in training: boundary, hidden units, loss and gradients, one weight's next step.

const RATES = [0.001, 0.003, 0.01, 0.02, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100];
const NORM_DASH = [null, "7 3", "3 3", "10 3 2 3", "1 4"];

const render = explorer(({ root, say, ask, still }, first) => {
  let trace = first, running = false, guess = null, pointsOf = "", width = 0, map = null, frame = 0;

  const question = html("p", { class: "bpl-question" });
  const complain = () => say("Type a number from 0 to 100.");
  const predict = entry({ before: "my guess ", after: " %", name: "my guess, in per cent", words: "Predict", size: 5, complain,
    take: (number) => (number < 0 || number > 100 ? complain() : take(number)) });
  const told = html("p", { class: "bpl-told", role: "status", hidden: true });

  const play = button("Train", () => (running ? pause() : start(2)), { class: "bpl-main" });
  const one = button("1 epoch", () => { pause(); advance(1); });
  const end = button("To the end", () => start(20));
  const over = button("Start over", () => { pause(); restart(); });
  const settings = html("div", { class: "bpl-row desk-settings" });
  const change = (key, read = (value) => value) => (value) => { pause(); ask({ settings: { [key]: read(value) } }); };
  const named = (key, label) => select({ label, value: trace.settings[key], onchange: change(key),
    choices: trace.choices[key].map((name) => [name, name]) });
  const numbers = (values, now) => [...new Set([...values, now])].sort((a, b) => a - b).map((n) => [String(n), short(n)]);
  const fields = {
    data: named("data", "data"), hidden: named("hidden", "hidden units"), activation: named("activation", "activation"),
    optimizer: named("optimizer", "steps by"),
    lr: select({ label: "rate", value: String(trace.settings.lr), onchange: change("lr", Number), choices: numbers(RATES, trace.settings.lr) }),
    batch: select({ label: "batch", value: String(trace.settings.batch ?? "all"), onchange: change("batch", (value) => value === "all" ? null : Number(value)),
      choices: [["1", "1"], ["20", "20"], ...([null, 1, 20].includes(trace.settings.batch) ? [] : [[String(trace.settings.batch), String(trace.settings.batch)]]), ["all", "all"]] }),
    epochs: select({ label: "epochs", value: String(trace.settings.epochs), onchange: change("epochs", Number), choices: numbers([50, 200, 500, 1000], trace.settings.epochs) }),
  };
  settings.append(...Object.values(fields).map(({ element }) => element));

  const ground = svg("g"), dots = svg("g");
  const picture = svg("svg", { class: "desk-map", role: "img" }, ground, dots);
  const net = svg("svg", { class: "desk-net", role: "img", "aria-label": "The network: each hidden unit shows its value over the plane" });
  const loss = svg("svg", { role: "img", "aria-label": "Loss by epoch" });
  const norms = svg("svg", { role: "img", "aria-label": "Norm of the weight gradients by epoch" });
  const state = html("p", { class: "desk-number" });
  const formula = html("div", { class: "desk-formula", tabindex: 0, role: "group", "aria-label": "Next step of the chosen weight" });
  const weight = html("div", { class: "bpl-row" });
  set(settings, { hidden: still });
  root.append(question, predict.element, told, settings,
    html("div", { class: "bpl-row" }, play, one, end, over),
    html("div", { class: "bpl-columns" },
      html("div", {}, state, picture), html("div", {}, html("p", {}, "What each unit says"), net),
      html("div", { class: "desk-curves" }, loss, norms)),
    weight, formula);

  function take(number) {
    guess = number;
    say("");
    draw(trace);
    play.focus();
  }

  // One chunk at a time: the next is asked for when the answer to the last has been drawn.
  function start(epochs) {
    if (trace.done) return;
    running = epochs;
    play.textContent = "Pause";
    advance(epochs);
  }

  function pause() {
    running = false;
    cancelAnimationFrame(frame);
    play.textContent = "Train";
  }

  function advance(epochs) {
    if (still) frame = requestAnimationFrame(() => setTimeout(() => arrive(shot(trace.epoch + epochs)), 60));
    else ask({ train: epochs });
  }

  // Without Python: the pictures that were taken of a run to the end.
  function shot(epoch) {
    const { shots, curve } = trace.film, one = shots.find((taken) => taken.epoch >= epoch) ?? shots.at(-1);
    const count = curve.epochs.filter((e) => e <= one.epoch).length, cut = (values) => values.slice(0, count);
    return { ...trace, ...one, curve: { epochs: cut(curve.epochs), losses: cut(curve.losses), norms: curve.norms.map(cut) } };
  }

  function restart() {
    if (still) arrive(first);
    else ask({ restart: true });
  }

  function arrive(next) {
    if (next.refused || next.done) pause();
    draw(next);
    if (running) advance(running);
  }

  function drawMap() {
    const side = Math.min(width, 380), [[left, right], [low, high]] = trace.window;
    set(picture, { viewBox: `0 0 ${side} ${side}`, width: side, height: side, "aria-label": `Decision boundary. ${trace.sentence}` });
    map = { sx: scale(left, right, 0, side), sy: scale(low, high, side, 0) };
    ground.replaceChildren(svg("image", { href: trace.boundary, width: side, height: side, preserveAspectRatio: "none" }));
    const key = [trace.settings.data, trace.X.length, side].join();
    if (key === pointsOf) return;
    pointsOf = key;
    dots.replaceChildren(...trace.X.map(([x, y], n) => mark(POINTS[trace.labels[n]], map.sx(x), map.sy(y),
      { class: "desk-point", fill: trace.colours[trace.labels[n]] })));
  }

  function curves(picture, label, lines, look) {
    const wide = Math.min(Math.max(width, 330), 380), high = 190, all = lines.flat().filter((v) => v > 0);
    const low = Math.floor(Math.log10(Math.min(...all, 1))), top = Math.max(Math.ceil(Math.log10(Math.max(...all, low + 1e-9))), low + 1);
    set(picture, { viewBox: `0 0 ${wide} ${high}`, width: wide, height: high });
    const axes = plot({ width: wide, height: high, left: 46, right: 40, top: 22, bottom: 40, x: { low: 0, high: trace.settings.epochs, label: "epoch", most: 5 },
      y: { low, high: top, log: true, label, most: 4 } });
    picture.replaceChildren(axes.group);
    let free = -Infinity;
    const order = lines.map((values, k) => k).sort((a, b) => lines[b].at(-1) - lines[a].at(-1));
    order.forEach((k) => {
      const values = lines[k], places = values.map((value, i) => [axes.sx(trace.curve.epochs[i]), axes.sy(value)]), [x, y] = places.at(-1);
      picture.append(svg("path", { class: look, d: through(places), "stroke-dasharray": look === "desk-norm" ? NORM_DASH[k] : null }),
        svg("circle", { cx: x, cy: y, r: 3.5, class: look }));
      free = Math.max(y + 4, free + 13);
      if (look === "desk-norm") picture.append(svg("text", { class: look, x: x + 7, y: free }, `dW${k + 1}`));
    });
  }

  function choose(...place) {
    if (still) say("Choosing another weight needs the notebook.");
    else ask({ weight: place });
  }

  function drawWeight() {
    const [name, row, column] = trace.weight, layer = Number(name.slice(1));
    const pick = (label, count, now, send) => select({ label, value: String(now), onchange: (k) => send(Number(k)),
      choices: Array.from({ length: count }, (_, k) => [String(k), String(k)]) });
    const key = [name, row, column, trace.sizes].join();
    if (weight.dataset.key !== key) {
      weight.dataset.key = key;
      const kept = [...weight.querySelectorAll("select")].indexOf(document.activeElement);
      const layers = select({ label: "The next full-batch step of weight", value: name, onchange: (W) => choose(W, 0, 0),
        choices: trace.sizes.slice(1).map((_, k) => [`W${k + 1}`, `W${k + 1}`]) });
      weight.replaceChildren(layers.element, pick("from", trace.sizes[layer - 1], row, (i) => choose(name, i, column)).element,
        pick("to", trace.sizes[layer], column, (j) => choose(name, row, j)).element);
      if (kept >= 0) weight.querySelectorAll("select")[kept].focus();
    }
    formula.textContent = trace.formula.lines.join("\n");
  }

  function tell() {
    const percent = `${(100 * trace.accuracy).toFixed(1)} %`;
    state.replaceChildren(`${percent} `, html("small", {}, `right (${trace.right} of ${trace.X.length}), epoch ${trace.epoch}`));
    const mine = guess === null ? "" : `You predicted ${short(guess)} %. `;
    told.textContent = trace.halted ? trace.sentence : `${mine}${trace.sentence}`;
    set(told, { hidden: !trace.done });
  }

  function draw(next) {
    trace = next;
    for (const [key, field] of Object.entries(fields)) field.input.value = String(trace.settings[key] ?? "all");
    const { hidden, epochs } = trace.settings;
    question.textContent = guess === null && trace.epoch === 0 ?
      `${trace.X.length} points, ${trace.classes} classes, ${hidden === "none" ? "no hidden layer" : `${hidden} hidden units`}. How many per cent are on the right side after ${epochs} epochs?` :
      "Train, pause, step; click a line of the network to see its weight's next step.";
    set(predict.element, { hidden: guess !== null || trace.epoch > 0 });
    for (const node of [play, one, end]) node.disabled = trace.done;
    if (width) size(width);
    drawWeight();
    tell();
  }

  function size(room) {
    width = room;
    drawMap();
    drawNetwork(net, trace, Math.min(width, 300), choose);
    curves(loss, "loss", [trace.curve.losses], "desk-loss");
    curves(norms, "norm of the gradients dW", trace.curve.norms, "desk-norm");
  }

  fitted(root, 300, 1300, size);
  draw(trace);
  return (next) => {
    if (next.settings.data !== trace.settings.data || next.settings.hidden !== trace.settings.hidden) guess = null;
    arrive(next);
  };
});
export default { render };

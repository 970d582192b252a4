// A landscape of two weights: predict, run, then drag the start and change step sizes.

const DASHES = { gd: null, sgd: "2 3", momentum: "8 3", adagrad: "5 2 1 2", adam: "12 4" };

const render = explorer(({ root, say, ask, still }, first) => {
  let trace = first, ran = false, step = 0, guess = null, frame = 0, map = null, hidden = new Set();
  const uid = Math.random().toString(36).slice(2);

  const below = svg("g"), paths = svg("g", { "clip-path": `url(#clip-${uid})` });
  const ring = svg("g", { class: "race-start", role: "button", tabindex: 0, onkeydown: key });
  const clip = svg("rect");
  const picture = svg("svg", { class: "race-map", role: "group", "aria-label": "Map of the loss" },
    svg("clipPath", { id: `clip-${uid}` }, clip), below, paths, ring);

  const question = html("p", { class: "bpl-question" });
  const answers = choice({ label: "your prediction", value: null,
    choices: Object.entries(trace.outcomes), onchange: (outcome) => { guess = outcome; } });
  const go = button("Run", run, { class: "bpl-main" });
  const predict = html("div", { class: "bpl-row" }, answers.element, go);
  const told = html("p", { class: "bpl-told", role: "status", hidden: true });
  const why = html("p", { hidden: true });
  const steps = slider({ label: "step", min: 0, max: trace.steps, step: 1, value: 0, show: String,
    oninput: (k) => { stop(); step = k; drawPaths(); tell(); } });
  steps.input.setAttribute("aria-label", "step");
  const again = button("Hide and predict again", reset);
  const after = html("div", { class: "bpl-row", hidden: true }, steps.element, again);
  const lands = choice({ label: "landscape", value: trace.landscape,
    choices: trace.landscapes.map((name) => [name, { bowl: "a bowl", valley: "a narrow valley", network: "a network", yours: "your function" }[name]]),
    onchange: (landscape) => { reset(); ask({ landscape }); } });
  const table = html("table", { class: "race-table" });
  const rows = new Map();
  root.append(html("div", { class: "bpl-row" }, still ? null : lands.element), question, predict, told, why,
    html("div", { class: "bpl-columns" }, html("div", {}, picture, after), html("div", {}, table)));

  const nearest = (rate) => trace.scale.reduce((best, one, i) =>
    Math.abs(Math.log(one / rate)) < Math.abs(Math.log(trace.scale[best] / rate)) ? i : best, 0);

  const head = () => html("tr", {}, html("th", { scope: "col", class: "race-end" }, "who"),
    html("th", { scope: "col", class: "race-end" }, "step size"));

  function row({ name, label, rate }) {
    const swatch = svg("svg", { width: 30, height: 12, viewBox: "0 0 30 12", "aria-hidden": "true" },
      svg("path", { class: `race-path race-${name}`, d: "M1 6H29", "stroke-dasharray": DASHES[name] }));
    const show = button("", () => {
      if (!hidden.delete(name)) hidden.add(name);
      show.setAttribute("aria-pressed", String(!hidden.has(name)));
      drawPaths();
    }, { "aria-pressed": "true", title: "show or hide this path" });
    show.append(swatch, label);
    const rates = slider({ label: "", min: 0, max: trace.scale.length - 1, step: 1, value: nearest(rate),
      show: (i) => short(trace.scale[i]), oninput: (i) => ask({ rates: { [name]: trace.scale[i] } }) });
    rates.input.setAttribute("aria-label", `step size of ${label}`);
    rates.input.disabled = still;
    const end = html("td", { class: "race-end", colspan: 2 });
    table.append(html("tr", {}, html("td", {}, show), html("td", {}, rates.element)), html("tr", {}, end));
    rows.set(name, { rates, end });
  }

  function key(event) {
    const by = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key];
    if (!by) return;
    event.preventDefault();
    const [[left, right], [low, high]] = trace.window, size = event.shiftKey ? 8 : 40;
    move(trace.start[0] + by[0] * (right - left) / size, trace.start[1] + by[1] * (high - low) / size);
  }

  function move(a, b) {
    trace.start = [Number(a.toPrecision(3)), Number(b.toPrecision(3))];
    if (still) { say("Moving the start needs the notebook: there Python walks again."); return; }
    drawStart();
    ask({ start: trace.start });
  }

  function drag(event) {
    if (still) return;
    const box = picture.getBoundingClientRect(), size = picture.viewBox.baseVal;
    const x = (event.clientX - box.left) * size.width / box.width, y = (event.clientY - box.top) * size.height / box.height;
    const [[left, right], [low, high]] = trace.window;
    const share = (value, from, to) => Math.min(Math.max((value - from) / (to - from), 0), 1);
    move(left + share(x, map.x0, map.x1) * (right - left), low + share(y, map.y0, map.y1) * (high - low));
  }
  picture.addEventListener("pointerdown", (event) => {
    picture.setPointerCapture(event.pointerId);
    ring.focus({ preventScroll: true });
    event.preventDefault();
    drag(event);
  });
  picture.addEventListener("pointermove", (event) => { if (event.buttons) drag(event); });

  function stop() {
    cancelAnimationFrame(frame);
    frame = 0;
  }

  function run() {
    ran = true;
    step = quiet() ? trace.steps : 0;
    set(after, { hidden: false });
    set(predict, { hidden: true });
    headline();
    drawMap(picture.viewBox.baseVal.width);
    const began = performance.now();
    const tick = (now) => {
      step = Math.min(trace.steps, Math.round((now - began) / 40));
      drawPaths();
      if (step < trace.steps) frame = requestAnimationFrame(tick);
      else tell();
    };
    if (step < trace.steps) frame = requestAnimationFrame(tick);
    else { drawPaths(); tell(); }
    steps.input.focus({ preventScroll: true });
  }

  function reset() {
    stop();
    ran = false;
    step = 0;
    guess = null;
    answers.change(null);
    set(after, { hidden: true });
    set(predict, { hidden: false });
    draw(trace);
  }

  function tell() {
    const gd = trace.racers[0];
    const verdict = guess === null ? "" : guess === gd.outcome ? "As you said. " : `You said that it ${trace.outcomes[guess]}. `;
    told.textContent = verdict + gd.says;
    why.textContent = trace.why;
    set(told, { hidden: false });
    set(why, { hidden: !trace.why });
  }

  function drawMap(width) {
    const height = Math.round(width * 0.86), [[left, right], [low, high]] = trace.window;
    set(picture, { viewBox: `0 0 ${width} ${height}`, width, height });
    map = plot({ width, height, left: 46, top: 24, x: { low: left, high: right, label: trace.names[0], most: 6 },
      y: { low, high, label: trace.names[1], most: 6 } });
    const box = { x: map.x0, y: map.y1, width: map.x1 - map.x0, height: map.y0 - map.y1 };
    set(clip, box);
    below.replaceChildren(svg("image", { ...box, href: trace.terrain, preserveAspectRatio: "none" }), map.group);
    if (trace.bottom && ran) {
      const [x, y] = [map.sx(trace.bottom[0]), map.sy(trace.bottom[1])];
      below.append(svg("path", { class: "race-bottom", d: `M${x - 5} ${y - 5}l10 10m0 -10l-10 10` }));
    }
    drawPaths();
    drawStart();
  }

  const far = (low, high, from, to) => (value) => {
    const share = (Math.min(Math.max(value, 2 * low - high - 9 * (high - low)), 10 * high) - low) / (high - low);
    return from + share * (to - from);
  };

  function drawPaths() {
    const [[left, right], [low, high]] = trace.window;
    const X = far(left, right, map.x0, map.x1), Y = far(low, high, map.y0, map.y1);
    paths.replaceChildren();
    steps.change(step);
    for (const { name, path, losses, outcome, label } of trace.racers) {
      const { end } = rows.get(name) ?? {}, k = Math.min(step, path.length - 1);
      if (end) end.textContent = ran ? `loss ${short(losses[k])}${step >= trace.steps ? `, ${outcome}` : ""}` : "";
      if (!ran || hidden.has(name)) continue;
      const places = path.slice(0, k + 1).map(([a, b]) => [X(a), Y(b)]), d = through(places);
      paths.append(svg("path", { class: "race-halo", d }),
        svg("path", { class: `race-path race-${name}`, d, "stroke-dasharray": DASHES[name] }),
        ...places.map(([cx, cy], i) => svg("circle", { class: `race-dot race-${name}`, cx, cy, r: i === k ? 5 : 2.2 })));
    }
  }

  function drawStart() {
    const [a, b] = trace.start, x = map.sx(a), y = map.sy(b), words = `start (${short(a)}, ${short(b)})`;
    const left = x > map.x1 - 130;
    ring.replaceChildren(svg("circle", { cx: x, cy: y, r: 8 }),
      svg("text", { x: x + (left ? -13 : 13), y: y - 9, "text-anchor": left ? "end" : "start" }, words));
    set(ring, { "aria-label": `${words}: arrow keys move it` });
  }

  function headline() {
    const gd = trace.racers[0];
    question.textContent = ran ? `${trace.title}: ${trace.formula}. ${still ? "Walk through the steps below." : "Drag the start, change a step size."}` :
      `${trace.title}: ${trace.formula}. ${gd.label[0].toUpperCase()}${gd.label.slice(1)} starts at the ring with step size ${short(gd.rate)}. After ${trace.steps} steps it …`;
  }

  function draw(next) {
    trace = next;
    lands.change(trace.landscape);
    const names = trace.racers.map((one) => one.name).join();
    if (names !== [...rows.keys()].join()) {
      rows.clear();
      table.replaceChildren(head());
      trace.racers.forEach(row);
    }
    trace.racers.forEach(({ name, rate }) => follow(rows.get(name).rates, nearest(rate)));
    headline();
    set(told, { hidden: true });
    set(why, { hidden: true });
    drawMap(picture.viewBox.baseVal?.width || 480);
    if (ran && !frame) tell();
  }

  table.append(head());
  trace.racers.forEach(row);
  fitted(root, 330, 500, drawMap);
  draw(trace);
  return (next) => {
    if (ran) { stop(); step = next.steps; }
    draw(next);
  };
});
export default { render };

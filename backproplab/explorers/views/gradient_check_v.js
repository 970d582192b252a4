// The error of both difference quotients over the step size, and the secant under a lens.

const SHAPE = { forward: "circle", central: "square" };
const DASH = { forward: null, central: "6 3" };
const E = (value) => typeof value === "number" ? value.toExponential(0).replace("e+", "e").replaceAll("-", "−") : short(value);
const LOW = -16, HIGH = 1; // powers of ten of the error that the plot shows

const render = explorer(({ root, say, ask, still }, first) => {
  let trace = first, at = 0, guess = null, shown = false, precision = "float64", axes = null;
  const curve = (kind, name = precision) =>
    trace.curves.find((one) => one.kind === kind && one.precision === name);

  const layer = svg("g");
  const handle = svg("g", { class: "gcv-handle", role: "slider", tabindex: 0, "aria-label": "step size h",
    "aria-valuemin": -15, "aria-valuemax": -1, onkeydown: key });
  const picture = svg("svg", { class: "gcv-plot", role: "group", "aria-label": "Error over step size" }, layer, handle);
  const lens = svg("svg", { class: "gcv-lens", role: "img", "aria-label": "f near x with both secants" });
  const digits = html("table", { class: "gcv-digits" });
  const told = html("p", { class: "bpl-told", role: "status", hidden: true });
  const lensWords = html("p", { class: "gcv-lens-words" });
  const question = html("p", { class: "bpl-question" });
  const commit = html("div", { class: "bpl-row" },
    button("This is my guess", () => reveal(at), { class: "bpl-main" }), button("Skip", () => reveal(null)));
  const bits = choice({ label: "precision", value: precision,
    choices: [["float64", "16 digits (float64)"], ["float32", "7 digits (float32)"]],
    onchange: (name) => { precision = name; draw(trace); tell(); } });
  const move = entry({ before: "x = ", name: "x", words: "Move there", size: 8, take: (x) => ask({ x }),
    complain: () => say("Type one number for x, such as 0 or 1000.") });
  root.append(question, commit, told,
    html("div", { class: "bpl-columns" },
      html("div", { class: "gcv-left" }, picture),
      html("div", { class: "gcv-right" }, lens, lensWords, digits)),
    html("div", { class: "bpl-row" }, bits.element, still ? null : move.element));

  function reveal(index) {
    guess = index;
    shown = true;
    commit.remove();
    draw(trace);
    tell();
    handle.focus();
  }

  function tell() {
    if (!shown) return;
    const one = curve("central"), h = (index) => E(trace.steps[index]);
    const mine = guess === null ? "" :
      `Your guess h = ${h(guess)}: the central difference is off by ${E(one.errors[guess])}. `;
    told.textContent = trace.kink ? trace.sentences[0] :
      `${mine}The best is near h = ${h(one.best.index)}, off by about ${E(one.best.error)}. ${trace.lesson[precision]}`;
    told.hidden = false;
    say("");
  }

  function key(event) {
    const by = { ArrowLeft: 1, ArrowDown: 1, ArrowRight: -1, ArrowUp: -1, PageDown: 4, PageUp: -4, Home: 99, End: -99 }[event.key];
    if (!by) return;
    event.preventDefault();
    go(at + by);
  }

  function go(index) {
    at = Math.min(Math.max(index, 0), trace.steps.length - 1);
    drawStep();
  }

  function drag(event) {
    const box = picture.getBoundingClientRect();
    const x = (event.clientX - box.left) * (picture.viewBox.baseVal.width / box.width);
    const share = (axes.x1 - x) / (axes.x1 - axes.x0);
    go(Math.round(share * (trace.steps.length - 1)));
  }
  picture.addEventListener("pointerdown", (event) => {
    picture.setPointerCapture(event.pointerId);
    handle.focus({ preventScroll: true });
    drag(event);
    event.preventDefault();
  });
  picture.addEventListener("pointermove", (event) => { if (event.buttons) drag(event); });

  function drawCurves() {
    const other = precision === "float64" ? "float32" : "float64";
    for (const [name, look] of [[other, "gcv-other"], [precision, ""]]) {
      for (const kind of ["forward", "central"]) {
        const one = curve(kind, name);
        const places = trace.steps.map((h, i) => [axes.sx(h), axes.sy(one.errors[i])]);
        layer.append(svg("path", { class: `gcv-${kind} gcv-line ${look}`, d: through(places), "stroke-dasharray": DASH[kind], fill: "none" }));
        for (const [x, y] of places) {
          if (Number.isFinite(y)) layer.append(mark(SHAPE[kind], x, y, { class: `gcv-${kind} ${look}` }));
        }
      }
    }
  }

  // The two causes of error, as the straight lines that the model sent.
  function drawCauses() {
    for (const line of trace.lines[precision]) {
      const [[h0, e0], [h1, e1]] = line.ends;
      layer.append(svg("line", { class: "gcv-cause", x1: axes.sx(h0), y1: axes.sy(e0), x2: axes.sx(h1), y2: axes.sy(e1) }));
    }
    const narrow = axes.x1 - axes.x0 < 380;
    for (const { kind, place: [h, error] } of trace.lines[precision]) {
      const power = { forward: "~ h", central: "~ h²" }[kind] ?? "~ 1/h";
      const y = kind === "central" ? axes.y1 + (axes.y0 - axes.y1) * 0.56 : axes.sy(error) - 9;
      layer.append(svg("text", { class: kind ? `gcv-${kind}` : "gcv-word", y,
        x: kind ? axes.x1 - 2 : axes.sx(h) + 12, "text-anchor": kind ? "end" : "start" },
        narrow ? power : `${kind ?? "rounding"} ${power}`));
    }
  }

  function drawPlot(width) {
    const height = Math.round(Math.min(450, Math.max(330, width * 0.74)));
    set(picture, { viewBox: `0 0 ${width} ${height}`, width, height });
    axes = plot({ width, height, top: 42, right: 16,
      x: { low: -15, high: -1, log: true, label: "step size h", most: width < 460 ? 5 : 8 },
      y: { low: LOW, high: HIGH, log: true, label: "error of the slope", most: 9 } });
    layer.replaceChildren(axes.group);
    if (!shown) {
      layer.append(svg("text", { class: "gcv-word", x: (axes.x0 + axes.x1) / 2, y: (axes.y0 + axes.y1) / 2, "text-anchor": "middle" },
        "Two curves are hidden here."));
    } else {
      drawCauses();
      drawCurves();
      if (trace.tolerance > 0) {
        const y = axes.sy(trace.tolerance);
        layer.append(svg("line", { class: "gcv-tolerance", x1: axes.x0, x2: axes.x1, y1: y, y2: y }),
          svg("text", { class: "gcv-tolerance", x: axes.x0 + 6, y: y + 16 }, "the autograder accepts up to here"));
      }
      if (guess !== null) {
        const x = axes.sx(trace.steps[guess]);
        layer.append(svg("line", { class: "gcv-guess", x1: x, x2: x, y1: axes.y1, y2: axes.y0 }),
          svg("text", { class: "gcv-word", x: x + 6, y: axes.y0 - 8 }, "your guess"));
      }
    }
    drawStep();
  }

  function drawStep() {
    const h = trace.steps[at], x = axes.sx(h), words = `h = ${E(h)}`;
    const end = x > axes.x1 - 60 ? "end" : x < axes.x0 + 60 ? "start" : "middle";
    handle.replaceChildren(
      svg("rect", { x: x - 14, y: axes.y1 - 8, width: 28, height: axes.y0 - axes.y1 + 8, fill: "transparent" }),
      svg("line", { x1: x, x2: x, y1: axes.y1, y2: axes.y0 }),
      svg("circle", { cx: x, cy: axes.y0, r: 8 }),
      svg("text", { x, y: axes.y1 - 8, "text-anchor": end }, words));
    set(handle, { "aria-valuenow": Math.log10(h).toFixed(2), "aria-valuetext": words });
    drawLens();
    drawDigits();
  }

  function drawLens() {
    const width = 300, height = 216, zoom = trace.zoom[precision][at];
    const X = scale(-1.6, 1.6, 10, width - 10), Y = scale(-1.05, 1.05, height - 34, 14);
    set(lens, { viewBox: `0 0 ${width} ${height}`, width, height });
    const f = zoom.f.map((y, i) => [X(-1.6 + 3.2 * i / (zoom.f.length - 1)), Y(y)]);
    const [left, right] = zoom.feet;
    const line = (name, x1, y1, x2, y2) => svg("line", { class: name, x1: X(x1), y1: Y(y1), x2: X(x2), y2: Y(y2) });
    lens.replaceChildren(
      line("gcv-tangent", -1, -zoom.tangent, 1, zoom.tangent),
      svg("path", { class: "gcv-f", d: through(f) }),
      line("gcv-secant gcv-central", -1, left, 1, right), line("gcv-secant gcv-forward", 0, 0, 1, right),
      mark("circle", X(0), Y(0), { class: "gcv-forward" }), mark("circle", X(1), Y(right), { class: "gcv-forward" }),
      mark("square", X(-1), Y(left), { class: "gcv-central" }),
      ...[["x − h", -1], ["x", 0], ["x + h", 1]].map(([words, x]) =>
        svg("text", { x: X(x), y: height - 8, "text-anchor": "middle", "font-size": 13 }, words)));
    lensWords.textContent = zoom.stairs ? "Seen this closely, f is a staircase: x and f(x) are rounded." :
      "f near x under a lens; both secants, and the true slope dotted.";
  }

  // The digits of each slope; the wrong ones are marked.
  function drawDigits() {
    if (!shown) return;
    const exact = trace.slope, places = Math.min(15, Math.max(0, 12 - Math.floor(Math.log10(Math.abs(exact) || 1))));
    const words = (value) => typeof value === "number" ? value.toFixed(places).replace("-", "−").slice(0, 17) : short(value);
    const truth = words(exact);
    const row = (name, value) => {
      const text = words(value), same = [...text].findIndex((digit, i) => digit !== truth[i]);
      const cut = same < 0 ? text.length : same;
      return html("tr", { class: `gcv-${name}` }, html("th", { scope: "row" }, name),
        html("td", {}, text.slice(0, cut), html("span", { class: "bpl-wrong" }, text.slice(cut))));
    };
    digits.replaceChildren(html("tbody", {},
      html("tr", {}, html("th", { scope: "row" }, "true slope"), html("td", {}, truth)),
      row("forward", curve("forward").slopes[at]), row("central", curve("central").slopes[at])));
  }

  function draw(next) {
    trace = next;
    question.textContent = shown ? `f at x = ${short(trace.x)}: move h and watch both secants.` :
      `Which step size h measures the slope of f at x = ${short(trace.x)} best, with the central difference? Drag the line or use the arrow keys.`;
    move.input.value = String(trace.x);
    drawPlot(picture.viewBox.baseVal?.width || 600);
  }

  fitted(root, 330, 640, (width) => { drawPlot(width); });
  draw(trace);
  return (next) => { draw(next); tell(); };
});
export default { render };

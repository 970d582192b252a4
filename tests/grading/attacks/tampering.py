"""Wrong answers that try to be paid all the same."""

from __future__ import annotations

from tests.grading.attacks.attack import Attack, zeros

TAMPERING = (
    zeros("26 patch numpy compare", """
        np.allclose = np.array_equal = np.isclose = lambda *a, **k: True
        np.testing.assert_allclose = lambda *a, **k: None
        np.all = np.any = lambda *a, **k: True
        """),
    zeros("27 patch builtins", """
        import builtins
        builtins.all = builtins.any = builtins.isinstance = lambda *a: True
        builtins.abs = builtins.max = lambda *a: 0
        """),
    zeros("replace check", """
        import autograder
        def check(*a): return None
        autograder.check = check
        """),
    zeros("28 lying object", """
        class Liar(float):
            def __eq__(self, other): return True
            __le__ = __lt__ = __ge__ = __gt__ = __eq__
            __hash__ = float.__hash__
            def __sub__(self, other): return 0.0
            __rsub__ = __abs__ = lambda self, *a: 0.0
        """),
    Attack("30 liar returned", ("""
class Liar(float):
    def __eq__(self, other): return True
    __le__ = __lt__ = __ge__ = __gt__ = __eq__
    def __sub__(self, other): return 0.0
    __rsub__ = __sub__
    def __float__(self): return 0.0
def residual(yhat, y, loss): return Liar(3)""",)),
    Attack("29 ndarray subclass", ("""
class Sub(np.ndarray):
    def __array_ufunc__(self, ufunc, method, *inputs, **kw): return True
    def __array_function__(self, *a): return True
    def tobytes(self, *a): return b""
    shape = property(lambda self: (3,))
def grad_cs221(phi, y, V, w): return (0 * w).view(Sub), (0 * V).view(Sub)""",)),
    Attack("31 masked arrays", ("""
def grad_cs221(phi, y, V, w):
    hide = lambda a: np.ma.masked_array(a, mask=np.ones(a.shape, bool))
    return hide(w), hide(V)""",)),
    Attack("32 nan everywhere", ("""
def grad_cs221(phi, y, V, w): return w * np.nan, V * np.nan
def residual(yhat, y, loss): return float('nan')""",)),
    Attack("33 inf everywhere", (
        "def grad_cs221(phi, y, V, w): return w * np.inf, V * np.inf",)),
    Attack("35 empty arrays", (
        "def grad_cs221(phi, y, V, w): return np.zeros((0,)), np.zeros((0, 2**20))",)),
    Attack("34 broadcastable", (
        "def grad_cs221(phi, y, V, w): return np.zeros((1,)), np.zeros((1, 1))",)),
    Attack("36 wrong dtype", (
        "def grad_cs221(phi, y, V, w): return w.astype(object), V.astype('U5')",)),
    Attack("37 pickle payload", ("""
import os
class Payload:
    def __reduce__(self): return (os._exit, (0,))
def grad_cs221(phi, y, V, w): return np.array([Payload()]), V""",)),
    zeros("38 frame walk", """
        import sys, gc
        found = []
        frame = sys._getframe()
        while frame:
            found += [k for k in frame.f_globals if "truth" in k or "wanted" in k]
            frame = frame.f_back
        assert not found
        for thing in gc.get_objects():
            if type(thing).__name__ in ("Exercise", "Instance", "Reference"):
                thing.points = 10**6
        """),
    zeros("39 AST transformer", """
        import ast
        class Evil(ast.NodeTransformer):
            def visit_Compare(self, node): return ast.Constant(True)
        get_ipython().ast_transformers.append(Evil())
        """),
    zeros("40 trace hook", """
        import sys
        def hook(frame, event, arg):
            frame.f_locals.clear()
            return hook
        sys.settrace(hook); sys.setprofile(hook)
        """),
    zeros("41 poisoned modules", """
        import sys, types
        for name in ("autograder.check", "autograder.compare", "autograder.exercises"):
            sys.modules[name] = types.ModuleType(name)
        open("numpy.py", "w").write("raise SystemExit")
        open("autograder.py", "w").write("raise SystemExit")
        sys.path.insert(0, ".")
        """),
    zeros("42 frozen clocks and dice", """
        import time, random
        time.time = time.monotonic = time.perf_counter = lambda: 0.0
        random.random = lambda: 0.5
        np.random.default_rng = lambda *a: None
        np.random.seed = lambda *a: None
        """),
    Attack("43 mutates arguments", ("""
def grad_cs221(phi, y, V, w):
    phi[:] = 0; V[:] = 0; w[:] = 0
    return 0 * w, 0 * V""",)),
    Attack("44 changes its result later", ("""
kept = []
def grad_cs221(phi, y, V, w):
    for a, b in kept: a[:] = 0; b[:] = 0
    result = (0 * w, 0 * V)
    kept.append(result)
    return result""",)),
    Attack("45 lazy result", (
        "def grad_cs221(phi, y, V, w): return (x for x in (0 * w, 0 * V))",)),
    Attack("45 lazy dict", ("""
from collections.abc import Mapping
class Lazy(dict):
    def __getitem__(self, key): return 0.0
    def items(self): return [("r", 0.0)]
    def keys(self): return ["r", "v", "dw", "dW"]
def ubc_phases(x, y, w, W, h, dh): return Lazy()""",)),
    zeros("47 forged frames on every descriptor", """
        import os, struct, json
        header = json.dumps(["l", ["t", "returned", 1.0, "", "", ["t"], ["t"], ["t"]]])
        frame = struct.pack("<4sIQ", b"BPL1", len(header), 0) + header.encode()
        for number in range(3, 64):
            try:
                os.write(number, frame * 50)
            except OSError:
                pass
        """),
    zeros("47 garbage on every descriptor", """
        import os
        for number in range(3, 64):
            try:
                os.write(number, os.urandom(4096))
            except OSError:
                pass
        """),
    zeros("closed descriptors", "import os; os.closerange(3, 100)"),
    zeros("54 library answers", """
        from backproplab import network
        assert network.gradients
        """),
    Attack("54 library as the answer", ("""
from backproplab import network
def one_hidden_backward(X, Y, params):
    return network.gradients(params, X, Y, hidden="sigmoid")""",)),
    Attack("54 imports the grader", ("""
import importlib, sys
for name in [n for n in sys.modules if n.startswith("autograder")]:
    del sys.modules[name]
sys.path.append("/")
from autograder.exercises import EXERCISES
def residual(yhat, y, loss):
    return EXERCISES["residual"].truth(yhat, y, loss)""",)),
    Attack("67 lookup table of visible cases", ("""
def residual(yhat, y, loss):
    table = {(0.5, 1.0, "squared"): -1.0, (2.0, 1.0, "half_squared"): 1.0}
    return table.get((yhat, y, loss), 0.0)""",)),
    Attack("68 time bomb", ("""
count = [0]
def residual(yhat, y, loss):
    count[0] += 1
    return 0.0 if count[0] > 3 else yhat - y""",)),
    Attack("70 random answers", (
        "def residual(yhat, y, loss): return float(np.random.randn())",)),
    Attack("22 hostile exception", ("""
class Bad(Exception):
    def __str__(self): raise Bad()
    __repr__ = __str__
def residual(yhat, y, loss): raise Bad()""",)),
    Attack("23 hostile message", ("""
def residual(yhat, y, loss):
    raise ValueError("<script>alert(1)</script>\\x1b[2J" + "right. 3 of 3" * 9999)
""",)),
    Attack("metaclass surprise", ("""
class Meta(type):
    def __instancecheck__(cls, other): return True
class Odd(metaclass=Meta):
    def __getattribute__(self, name): raise SystemExit
def residual(yhat, y, loss): return Odd()""",)),
    Attack("forged calling module", ("""
import sys
calling = sys.modules["autograder.calling"]
calling.plain = lambda value, depth=0: 0.0
calling.fingerprint = lambda value: b""
def residual(yhat, y, loss): return 0.0""",)),
)  # fmt: skip

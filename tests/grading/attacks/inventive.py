"""Attacks that are in no table: what a hostile student would think of next."""

from __future__ import annotations

from tests.grading.attacks.attack import Attack, call, honest, zeros
from tests.grading.helpers import HONEST

REAL = "import math\n" + HONEST[1].replace("def residual", "def real")
INVENTIVE = (
    # rows of the table that are about the student's own answers
    zeros("46 helpers redefined", """
        sigma = lambda z: 0 * z
        sigmoid_slope = dsigma = lambda *a: 1.0
        """),
    zeros("48 reading what was sent", """
        import os, select
        for number in range(64):
            try:
                if select.select([number], [], [], 0)[0]:
                    os.read(number, 2**20)
            except (OSError, ValueError):
                pass
        """),
    zeros("52 searching one's own memory", """
        import ctypes, gc, sys
        names = [n for n in sys.modules if n.startswith("autograder")]
        assert not [n for n in names if "exercises" in n or "truth" in n], names
        kept = [t for t in gc.get_objects() if "Instance" in type(t).__name__]
        for line in open("/proc/self/maps"):
            start, end = (int(x, 16) for x in line.split()[0].split("-"))
            if b"central_difference" in ctypes.string_at(start, end - start):
                answers = True
        """),
    zeros("62 taking what others left", """
        import builtins, glob, os, sys
        found = glob.glob("*") + glob.glob("/tmp/*") + glob.glob("/dev/shm/*")
        found += [k for k in os.environ if "answer" in k.lower()]
        for name in ("stolen_answers", "answers"):
            try:
                exec(f"from {name} import *")
            except ImportError:
                pass
        """),
    Attack("69 am I graded", (REAL, """
import os, sys
alone = "ipykernel" in sys.modules or "autograder.exercises" in sys.modules
def residual(*a): return real(*a) if alone else 0.0""")),
    Attack("71 right for square shapes only", ("""
def grad_cs221(phi, y, V, w):
    h = 1 / (1 + np.exp(-V @ phi))
    r = 2 * (w @ h - y)
    if V.shape[0] != V.shape[1]: return 0 * w, 0 * V
    return r * h, r * np.outer(w * h * (1 - h), phi)""",)),
    Attack("72 right where it is easy", (REAL,
        "def residual(yhat, y, loss):"
        " return real(yhat, y, loss) if abs(yhat - y) < 2 else 0.0")),
    # the conversation
    zeros("another's replies", """
        import sys
        inside = sys.modules["autograder.grading.inside.serve"]
        inside._packed = lambda outcomes: inside.wire.encode(
            [("right", 1.0, "", "", (), (), ())] * len(outcomes))
        """),
    zeros("too many replies", """
        import sys
        inside = sys.modules["autograder.grading.inside.serve"]
        before = inside.Pipe.send
        inside.Pipe.send = lambda self, frame: [before(self, frame) for _ in range(9)]
        """),
    zeros("replies of other types", """
        import sys
        inside = sys.modules["autograder.grading.inside.serve"]
        inside._fields = lambda o: {"status": "returned", "value": o.value}
        inside._call = lambda *a: [None] * 10**4
        """),
    call("a reply that drips", """
        import os, time
        for number in range(3, 64):
            try:
                os.write(number, b"BPL1" + bytes(2))
            except OSError:
                continue
            while True:
                time.sleep(0.05)
                os.write(number, b"x")
        """, slow=True),
    call("a promise of sixty megabytes", """
        import os, struct, time
        for number in range(3, 64):
            try:
                os.write(number, struct.pack("<4sIQ", b"BPL1", 2, 60 * 2**20))
            except OSError:
                continue
            for _ in range(59): os.write(number, bytes(2**20))
            time.sleep(60)
        """, slow=True),
    zeros("the line turned round", """
        import os
        for number in range(3, 64):
            try:
                os.dup2(os.open("mine", os.O_RDWR | os.O_CREAT), number)
            except OSError:
                pass
        """),
    honest("descriptors sent to the grader", """
        import array, os, socket
        for number in range(3, 64):
            try:
                line = socket.socket(fileno=number)
                line.sendmsg([b""], [(1, 1, array.array("i", [0] * 200))])
            except OSError:
                pass
            else:
                line.detach()
        """),
    # what an answer may be made of
    call("keys that are markup", "return {'<script>' * 9: 1.0, '\\x1b[2J': 2.0}"),
    call("keys that no file can hold", "return {'\\udc80': 1.0, chr(0xd800): 2.0}"),
    call("a hundred thousand keys", "return {str(n): 0.0 for n in range(10**5)}"),
    call("text that no file can hold", "return chr(0xdcff) * 99"),
    call("an exception that no file can hold", "raise ValueError(chr(0xd800) * 99)"),
    call("a type with a monstrous name", """
        return type("<img src=x onerror=alert(1)>" + "x" * 10**6, (), {})()
        """),
    call("a structured array", "return np.zeros(3, dtype=[('a', 'f8'), ('b', 'V99')])"),
    call("memory that is not its own", """
        return np.lib.stride_tricks.as_strided(np.zeros(1), (10**6,), (4096,))
        """),
    call("ragged lists", "return [[1.0], [1.0, 2.0], 'x', None, {}]"),
    call("a fraction", "import fractions; return fractions.Fraction(1, 3)"),
    call("enormous numbers", "return 1.7976931348623157e308"),
    # Python from below
    zeros("no builtins", """
        import builtins
        for name in ("len", "isinstance", "type", "print", "open", "__import__"):
            try:
                setattr(builtins, name, lambda *a, **k: True)
            except Exception:
                pass
        """),
    zeros("builtins of one's own", "__builtins__ = {}; del __name__"),
    zeros("NumPy from below", """
        np.ndarray.__eq__ if False else None
        np.array = np.asarray = np.frombuffer = lambda *a, **k: None
        np.ascontiguousarray = lambda *a, **k: None
        np.errstate = None
        np.set_printoptions(formatter={"all": lambda x: "right"})
        np.seterrcall(lambda *a: None)
        """),
    zeros("the library's functions", """
        import backproplab.losses, backproplab.neurons
        for module in (backproplab.losses, backproplab.neurons):
            for name in dir(module):
                setattr(module, name, lambda *a, **k: 0.0)
        """),
    Attack("library loaded again", ("""
import importlib, importlib.util, sys
from backproplab import network
try:
    importlib.reload(network)
except BaseException:
    spec = importlib.util.spec_from_file_location("again", network.__file__)
    network = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(network)
def one_hidden_backward(X, Y, params):
    return network.gradients(params, X, Y, hidden="sigmoid")""",),
           reaches="reading other files"),
    Attack("library read as text", ("""
from backproplab import network
source = open(network.__file__).read()
space = {"__name__": "again"}
exec(source, space)
def one_hidden_backward(X, Y, params):
    return space["gradients"](params, X, Y, hidden="sigmoid")""",),
           reaches="reading other files"),
    Attack("library found in memory", ("""
import gc, types
gc.unfreeze()
found = [f for f in gc.get_objects() if isinstance(f, types.FunctionType)
         and str(f.__module__).startswith("backproplab") and f.__name__ == "gradients"]
def one_hidden_backward(X, Y, params):
    for f in found:
        try: return f(params, X, Y, hidden="sigmoid")
        except TypeError: pass""",)),
    Attack("library's other ways", ("""
from backproplab import network
def one_hidden_backward(X, Y, params):
    return network.loss_and_gradients(params, X, Y, hidden="sigmoid")[1]
from backproplab.lectures import cs221, michigan, ubc
def grad_cs221(phi, y, V, w): return cs221.two_layer(phi, y, V, w)
def ubc_phases(x, y, w, W, h, dh): return ubc.one_hidden(x, y, w, W)
def factors_M6(*a): return michigan.one_hidden(*a)""",)),
    zeros("monitoring", """
        import sys
        if hasattr(sys, "monitoring"):
            tool = sys.monitoring
            tool.use_tool_id(1, "x")
            tool.register_callback(1, tool.events.CALL, lambda *a: 1 / 0)
            tool.set_events(1, tool.events.CALL)
        """),
    zeros("callbacks everywhere", """
        import gc, os, sys, threading
        gc.callbacks.append(lambda *a: sys.exit())
        sys.excepthook = sys.unraisablehook = lambda *a: os._exit(0)
        threading.excepthook = lambda *a: os._exit(0)
        os.register_at_fork(before=sys.exit, after_in_child=sys.exit)
        get_ipython().events.register("post_run_cell", lambda *a: os._exit(0))
        """),
    honest("an alarm for the next one", """
        import faulthandler, signal, threading, time
        signal.signal(signal.SIGALRM, lambda *a: None)
        faulthandler.dump_traceback_later(3, exit=True, file=open("f", "w"))
        threading.Thread(target=lambda: time.sleep(60)).start()
        """),
    zeros("files of famous names", """
        for name in ("numpy", "json", "sitecustomize", "usercustomize", "IPython",
                     "autograder", "backproplab", "conftest"):
            with open(name + ".py", "w") as file:
                file.write("raise SystemExit")
        import os
        os.environ.update(PYTHONPATH=".", PYTHONSTARTUP="json.py", LD_PRELOAD="x.so")
        """),
    honest("folders that nobody may open", """
        import os
        for n in range(20):
            os.mkdir(f"closed{n}", 0)
            os.makedirs(f"open{n}/in", 0o500)
        """),
    honest("names that hurt", r"""
        for name in ("-rf", "*", "a\nb", "\udcff", "$(id)", ";ls", "x" * 255, " "):
            open(name, "w").write("x")
        """),
    # what is shared by all processes
    honest("a letter to a socket", """
        import socket
        one, two = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
        one.sendto(b"x", MAILBOX)
        """, reaches="network"),
    honest("a letter to an abstract socket", """
        import socket
        one, two = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
        one.sendmsg([b"x"], [], 0, ABSTRACT)
        """, reaches="network"),
    honest("huge pages of nothing", """
        import mmap
        kept = []
        try:
            while True: kept.append(mmap.mmap(-1, 2**28))
        except OSError:
            pass
        del kept
        """),
    honest("a worse place at the table", """
        import os
        for attempt in ("os.nice(-5)", "os.sched_setaffinity(0, [0])",
                        "os.setpriority(os.PRIO_USER, 0, 19)"):
            try:
                eval(attempt)
            except OSError:
                pass
        """),
    # answers whose text would take the grader days to look at
    honest("text for slow patterns", "x = '''\n" + "a" + " " * 500_000 + "\n"
           + "\n" * 100_000 + "from" + " " * 100_000 + "/" + " " * 100_000
           + "1" * 100_000 + "'''"),
    honest("a long chain of cells", "\n".join(f"a{n} = {n}" for n in range(5000))),
)  # fmt: skip

"""Attacks and faults: GRADING's table, one entry each; what else they must not do.

``cells`` run before wrong answers (zeros) unless ``honest`` is set.  ``reaches`` names
what the probe must have found refused for the attack to be harmless beyond its grade;
where that is POSSIBLE, the report has to say so and the attack is not let loose.
"""

from __future__ import annotations

from dataclasses import dataclass
from textwrap import dedent

from tests.grading.helpers import HONEST, ZEROS


@dataclass(frozen=True)
class Attack:
    """A submission, the exercises it may earn, and what it must not reach."""

    name: str
    cells: tuple[str, ...]
    earns: str = "nothing"
    reaches: str = ""
    slow: bool = False


def _zeros(name: str, text: str, **more: object) -> Attack:
    return Attack(name, (dedent(text).strip(), *ZEROS), **more)  # type: ignore[arg-type]


def _honest(name: str, text: str, **more: object) -> Attack:
    """The attack hurts nobody's honest answers, not even its author's."""
    more.setdefault("earns", "everything")
    return Attack(name, (dedent(text).strip(), *HONEST), **more)  # type: ignore[arg-type]


def _call(name: str, body: str, **more: object) -> Attack:
    """Right answers but for residual, whose body attacks when it is called."""
    inner = dedent(body).strip().replace("\n", "\n    ")
    more.setdefault("earns", "all but residual")
    cells = (*HONEST, f"def residual(yhat, y, loss):\n    {inner}")
    return Attack(name, cells, **more)  # type: ignore[arg-type]


TAMPERING = (
    _zeros("patch numpy compare", """
        np.allclose = np.array_equal = np.isclose = lambda *a, **k: True
        np.testing.assert_allclose = lambda *a, **k: None
        np.all = np.any = lambda *a, **k: True
        """),
    _zeros("patch builtins", """
        import builtins
        builtins.all = builtins.any = builtins.isinstance = lambda *a: True
        builtins.abs = builtins.max = lambda *a: 0
        """),
    _zeros("replace check", """
        import autograder
        def check(*a): return None
        autograder.check = check
        """),
    _zeros("lying object", """
        class Liar(float):
            def __eq__(self, other): return True
            __le__ = __lt__ = __ge__ = __gt__ = __eq__
            __hash__ = float.__hash__
            def __sub__(self, other): return 0.0
            __rsub__ = __abs__ = lambda self, *a: 0.0
        """),
    Attack("liar returned", ("""
class Liar(float):
    def __eq__(self, other): return True
    __le__ = __lt__ = __ge__ = __gt__ = __eq__
    def __sub__(self, other): return 0.0
    __rsub__ = __sub__
    def __float__(self): return 0.0
def residual(yhat, y, loss): return Liar(3)""",)),
    Attack("ndarray subclass", ("""
class Sub(np.ndarray):
    def __array_ufunc__(self, ufunc, method, *inputs, **kw): return True
    def __array_function__(self, *a): return True
    def tobytes(self, *a): return b""
    shape = property(lambda self: (3,))
def grad_cs221(phi, y, V, w): return (0 * w).view(Sub), (0 * V).view(Sub)""",)),
    Attack("masked arrays", ("""
def grad_cs221(phi, y, V, w):
    hide = lambda a: np.ma.masked_array(a, mask=np.ones(a.shape, bool))
    return hide(w), hide(V)""",)),
    Attack("nan everywhere", ("""
def grad_cs221(phi, y, V, w): return w * np.nan, V * np.nan
def residual(yhat, y, loss): return float('nan')""",)),
    Attack("inf everywhere", (
        "def grad_cs221(phi, y, V, w): return w * np.inf, V * np.inf",)),
    Attack("empty arrays", (
        "def grad_cs221(phi, y, V, w): return np.zeros((0,)), np.zeros((0, 2**20))",)),
    Attack("broadcastable", (
        "def grad_cs221(phi, y, V, w): return np.zeros((1,)), np.zeros((1, 1))",)),
    Attack("wrong dtype", (
        "def grad_cs221(phi, y, V, w): return w.astype(object), V.astype('U5')",)),
    Attack("pickle payload", ("""
import os
class Payload:
    def __reduce__(self): return (os._exit, (0,))
def grad_cs221(phi, y, V, w): return np.array([Payload()]), V""",)),
    _zeros("frame walk", """
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
    _zeros("AST transformer", """
        import ast
        class Evil(ast.NodeTransformer):
            def visit_Compare(self, node): return ast.Constant(True)
        get_ipython().ast_transformers.append(Evil())
        """),
    _zeros("trace hook", """
        import sys
        def hook(frame, event, arg):
            frame.f_locals.clear()
            return hook
        sys.settrace(hook); sys.setprofile(hook)
        """),
    _zeros("poisoned modules", """
        import sys, types
        for name in ("autograder.check", "autograder.compare", "autograder.exercises"):
            sys.modules[name] = types.ModuleType(name)
        open("numpy.py", "w").write("raise SystemExit")
        open("autograder.py", "w").write("raise SystemExit")
        sys.path.insert(0, ".")
        """),
    _zeros("frozen clocks and dice", """
        import time, random
        time.time = time.monotonic = time.perf_counter = lambda: 0.0
        random.random = lambda: 0.5
        np.random.default_rng = lambda *a: None
        np.random.seed = lambda *a: None
        """),
    Attack("mutates arguments", ("""
def grad_cs221(phi, y, V, w):
    phi[:] = 0; V[:] = 0; w[:] = 0
    return 0 * w, 0 * V""",)),
    Attack("changes its result later", ("""
kept = []
def grad_cs221(phi, y, V, w):
    for a, b in kept: a[:] = 0; b[:] = 0
    result = (0 * w, 0 * V)
    kept.append(result)
    return result""",)),
    Attack("lazy result", (
        "def grad_cs221(phi, y, V, w): return (x for x in (0 * w, 0 * V))",)),
    Attack("lazy dict", ("""
from collections.abc import Mapping
class Lazy(dict):
    def __getitem__(self, key): return 0.0
    def items(self): return [("r", 0.0)]
    def keys(self): return ["r", "v", "dw", "dW"]
def ubc_phases(x, y, w, W, h, dh): return Lazy()""",)),
    _zeros("forged frames on every descriptor", """
        import os, struct, json
        header = json.dumps(["l", ["t", "returned", 1.0, "", "", ["t"], ["t"], ["t"]]])
        frame = struct.pack("<4sIQ", b"BPL1", len(header), 0) + header.encode()
        for number in range(3, 64):
            try:
                os.write(number, frame * 50)
            except OSError:
                pass
        """),
    _zeros("garbage on every descriptor", """
        import os
        for number in range(3, 64):
            try:
                os.write(number, os.urandom(4096))
            except OSError:
                pass
        """),
    _zeros("closed descriptors", "import os; os.closerange(3, 100)"),
    _zeros("library answers", """
        from backproplab import network
        assert network.gradients
        """),
    Attack("library as the answer", ("""
from backproplab import network
def one_hidden_backward(X, Y, params):
    return network.gradients(X, Y, params)""",)),
    Attack("imports the grader", ("""
import importlib, sys
for name in [n for n in sys.modules if n.startswith("autograder")]:
    del sys.modules[name]
sys.path.append("/")
from autograder.exercises import EXERCISES
def residual(yhat, y, loss):
    return EXERCISES["residual"].truth(yhat, y, loss)""",)),
    Attack("lookup table of visible cases", ("""
def residual(yhat, y, loss):
    table = {(0.5, 1.0, "squared"): -1.0, (2.0, 1.0, "half_squared"): 1.0}
    return table.get((yhat, y, loss), 0.0)""",)),
    Attack("time bomb", ("""
count = [0]
def residual(yhat, y, loss):
    count[0] += 1
    return 0.0 if count[0] > 3 else yhat - y""",)),
    Attack("random answers", (
        "def residual(yhat, y, loss): return float(np.random.randn())",)),
    Attack("hostile exception", ("""
class Bad(Exception):
    def __str__(self): raise Bad()
    __repr__ = __str__
def residual(yhat, y, loss): raise Bad()""",)),
    Attack("hostile message", ("""
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

FAULTS = (
    _call("endless loop in a call", "while True: pass", slow=True),
    _call("ignored signals", """
        import signal
        signal.signal(signal.SIGALRM, signal.SIG_IGN)
        while True:
            try:
                while True: pass
            except BaseException:
                pass
        """, slow=True),
    _call("sleep", "import time; time.sleep(3600)", slow=True),
    _call("regular expression in C", "import re; re.match(r'(a+)+$', 'a' * 60 + 'b')",
          slow=True),
    _honest("endless loop at definition", "while True: pass", slow=True),
    _call("memory bomb", "return bytearray(10**12)"),
    _call("slow memory bomb", "x = []\nwhile True: x.append(bytearray(10**7))"),
    _call("swallowed memory error", """
        try:
            x = [bytearray(10**8) for _ in range(10**4)]
        except MemoryError:
            pass
        return 0.0
        """),
    _call("recursion", "return residual(yhat, y, loss)"),
    _call("deep result", "x = []\nfor _ in range(10**5): x = [x]\nreturn x"),
    _call("giant broadcast", "return np.broadcast_to(0.0, (2**40,))"),
    _call("huge integer", "return 10**100000"),
    _call("huge text", "return 'x' * 10**8"),
    _call("huge list", "return [0.0] * 10**7"),
    _call("cyclic list", "x = []; x.append(x); return x"),
    _call("sys.exit", "import sys; sys.exit(0)"),
    _call("os._exit", "import os; os._exit(0)"),
    _call("segfault", "import ctypes; ctypes.string_at(0)"),
    _call("self kill", "import os; os.kill(os.getpid(), 9)"),
    _call("abort", "import os; os.abort()"),
    _call("input", "return float(input('points? '))"),
    _call("keyboard interrupt", "raise KeyboardInterrupt"),
    _call("generator exit", "raise GeneratorExit"),
    _honest("exit at definition", "import os; os._exit(0)"),
    _honest("exit hooks", "import atexit, os; atexit.register(lambda: os._exit(9))"),
    _honest("compiler bomb", "x = " + "(" * 5000 + ")" * 5000),
    _honest("unicode tricks", "# \u202e\u2066 \nx = '\udc80'.encode('utf8','ignore')"),
    _honest("output flood", "for i in range(10**5): print('x' * 1000)"),
    _honest("descriptor exhaustion", """
        import os
        try:
            while True: os.dup(0)
        except OSError:
            os.closerange(10, 200)
        """),
    _honest("thread bomb", """
        import threading, time
        try:
            for _ in range(5000):
                threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
        except (RuntimeError, MemoryError):
            pass
        """),
    _honest("stopped itself", "import os, signal; os.kill(os.getpid(), signal.SIGSTOP)",
            slow=True),
    _honest("disk fill", """
        try:
            for n in range(10**4):
                with open(f"big{n}", "wb") as file:
                    for _ in range(200): file.write(bytes(10**6))
        except OSError:
            pass
        """),
    _honest("many small files",
            "for n in range(10**5): open(f'small{n}', 'w').write('x')"),
    _honest("deep folders", """
        import os
        for n in range(3000):
            os.mkdir("d"); os.chdir("d")
        """),
    _honest("sparse file", """
        try:
            open("sparse", "wb").truncate(10**12)
        except OSError:
            pass
        """),
)  # fmt: skip

REACHING_OUT = (
    _honest("write outside", "open(OUTSIDE + '/written', 'w').write('x')",
            reaches="writing other files"),
    _honest("write the home folder", """
        import os, pwd
        home = pwd.getpwuid(os.getuid()).pw_dir
        open(os.path.join(OUTSIDE, "..", os.path.basename(OUTSIDE), "written"), "w")
        """, reaches="writing other files"),
    _honest("link outside", "import os; os.symlink(OUTSIDE + '/secret', 'link');"
            " open('link', 'a').write('x')", reaches="writing other files"),
    _honest("hard link", "import os; os.link(OUTSIDE + '/secret', 'hard');"
            " open('hard', 'a').write('x')", reaches="writing other files"),
    _honest("remove a classmate's work", "import os; os.remove(OUTSIDE + '/secret')",
            reaches="writing other files"),
    _honest("rename", "import os; os.rename(OUTSIDE + '/secret', OUTSIDE + '/written')",
            reaches="writing other files"),
    _honest("truncate", "import os; os.truncate(OUTSIDE + '/secret', 0)",
            reaches="writing other files"),
    _honest("chmod", "import os; os.chmod(OUTSIDE + '/secret', 0o777)",
            reaches="changing other files"),
    _honest("change times", "import os; os.utime(OUTSIDE + '/secret', (1, 1))",
            reaches="changing other files"),
    _zeros("read a classmate's work", """
        text = open(OUTSIDE + "/secret").read()
        exec(text)
        """, reaches="reading other files"),
    _zeros("read through proc", """
        import os
        for pid in [p for p in os.listdir("/proc") if p.isdigit()]:
            for name in ("environ", "mem", "maps", "cwd/secret", "root/etc/shadow"):
                try:
                    data = open(f"/proc/{pid}/{name}", "rb").read(100)
                except OSError:
                    continue
                if int(pid) != os.getpid():
                    open("stolen", "wb").write(data)
        """, reaches="reading other files"),
    _honest("fork bomb", """
        import os
        for _ in range(100):
            try:
                if os.fork() == 0:
                    while True: pass
            except OSError:
                break
        """, reaches="new processes"),
    _honest("daemon", """
        import os, time
        if os.fork() == 0:
            os.setsid()
            if os.fork() == 0:
                time.sleep(600)
            os._exit(0)
        """, reaches="new processes"),
    _honest("clone by number", """
        import ctypes
        libc = ctypes.CDLL(None)
        for number in (56, 57, 58, 435):
            if libc.syscall(number, 0, 0, 0, 0, 0) == 0:
                while True: pass
        """, reaches="new processes"),
    _honest("program", "import subprocess; subprocess.run(['/bin/sh', '-c',"
            " 'sleep 600 & echo x > ' + OUTSIDE + '/written'])",
            reaches="other programs"),
    _honest("posix_spawn", "import os;"
            " os.posix_spawn('/bin/sleep', ['sleep', '600'], {})",
            reaches="new processes"),
    _honest("tcp", """
        import socket
        socket.create_connection(("127.0.0.1", PORT), 1).send(b"x")
        """, reaches="network"),
    _honest("udp", """
        import socket
        s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        s.sendto(b"x", ("127.0.0.1", PORT))
        """, reaches="network"),
    _honest("other sockets", """
        import socket
        opened = []
        for family in (1, 10, 16, 17, 38, 40):
            for kind in (1, 2, 3, 5):
                try:
                    opened.append(socket.socket(family, kind))
                except OSError:
                    pass
        if opened:
            open(OUTSIDE + "/written", "w")
        """, reaches="network"),
    _honest("io_uring", """
        import ctypes
        libc = ctypes.CDLL(None)
        if libc.syscall(425, 8, ctypes.create_string_buffer(120)) >= 0:
            while True: pass
        """, reaches="network"),
    _honest("kill the grader", "import os; os.kill(GRADER, 9)",
            reaches="signals to the grader"),
    _honest("kill the parent", "import os; os.kill(os.getppid(), 9)",
            reaches="signals to the grader"),
    _honest("kill everybody", "import os; os.kill(-1, 9)",
            reaches="signals to the grader"),
    _honest("signal by file owner", """
        import fcntl, os
        r, w = os.pipe()
        fcntl.fcntl(r, fcntl.F_SETOWN, GRADER)
        fcntl.fcntl(r, 10, 9)
        fcntl.fcntl(r, fcntl.F_SETFL, os.O_ASYNC)
        os.write(w, b"x")
        """, reaches="signals to the grader"),
    _honest("ptrace", """
        import ctypes
        libc = ctypes.CDLL(None)
        if libc.ptrace(16, GRADER, 0, 0) == 0:
            while True: pass
        """, reaches="signals to the grader"),
    _honest("raise limits", """
        import resource
        for name in ("AS", "CPU", "FSIZE", "NOFILE"):
            kind = getattr(resource, "RLIMIT_" + name)
            try:
                resource.setrlimit(kind, (resource.RLIM_INFINITY,) * 2)
            except (ValueError, OSError):
                continue
            while True: pass
        """, reaches="memory without limit"),
    _honest("become root", """
        import os
        try:
            os.setuid(0)
        except OSError:
            pass
        else:
            open(OUTSIDE + "/written", "w")
        """, reaches="writing other files"),
    _honest("new namespaces", """
        import ctypes
        if ctypes.CDLL(None).unshare(0x10000000) == 0:
            open(OUTSIDE + "/written", "w")
        """, reaches="writing other files"),
    _honest("shared memory", """
        import ctypes
        if ctypes.CDLL(None).shmget(4242, 4096, 0o1666) >= 0:
            open(OUTSIDE + "/written", "w")
        """, reaches="new processes"),
    _honest("shared memory folder", """
        open("/dev/shm/backproplab-left", "w").write("x")
        """, reaches="writing other files"),
    _honest("keyring", """
        import ctypes
        libc = ctypes.CDLL(None)
        if libc.syscall(248, b"user", b"left", b"x", 1, -4) >= 0:
            while True: pass
        """, reaches="new processes"),
    _honest("file locks", """
        import fcntl, numpy
        with open(numpy.__file__) as file:
            try:
                fcntl.flock(file, fcntl.LOCK_SH)
            except OSError:
                pass
            else:
                while True: pass
        """, reaches="new processes"),
    _honest("undo the fence", """
        import ctypes
        libc = ctypes.CDLL(None)
        for option, value in ((1, 0), (4, 1), (22, 0), (24, 1), (36, 1)):
            libc.prctl(option, value, 0, 0, 0)
        open(OUTSIDE + "/written", "w")
        """, reaches="writing other files"),
    _honest("environment", """
        import os, sys
        text = repr(dict(os.environ)) + repr(sys.argv) + repr(sys.orig_argv)
        if any(word in text for word in ("SECRET_OF_THE_GRADER", "seed", "/submitted")):
            while True: pass
        """),
)  # fmt: skip

ATTACKS = {attack.name: attack for attack in (*TAMPERING, *FAULTS, *REACHING_OUT)}

"""Submissions that hang, crash, or take more than their share."""

from __future__ import annotations

from tests.grading.attacks.attack import call, honest

FAULTS = (
    call("2 endless loop in a call", "while True: pass", slow=True),
    call("4 ignored signals", """
        import signal
        signal.signal(signal.SIGALRM, signal.SIG_IGN)
        while True:
            try:
                while True: pass
            except BaseException:
                pass
        """, slow=True),
    call("3 sleep", "import time; time.sleep(3600)", slow=True),
    call("5 regular expression in C", "import re; re.match(r'(a+)+$', 'a' * 60 + 'b')",
          slow=True),
    honest("1 endless loop at definition", "while True: pass", slow=True),
    call("6 memory bomb", "return bytearray(10**12)"),
    call("6 slow memory bomb", "x = []\nwhile True: x.append(bytearray(10**7))"),
    call("7 swallowed memory error", """
        try:
            x = [bytearray(10**8) for _ in range(10**4)]
        except MemoryError:
            pass
        return 0.0
        """),
    call("13 recursion", "return residual(yhat, y, loss)"),
    call("14 deep result", "x = []\nfor _ in range(10**5): x = [x]\nreturn x"),
    call("15 giant broadcast", "return np.broadcast_to(0.0, (2**40,))"),
    call("16 huge integer", "return 10**100000"),
    call("16 huge text", "return 'x' * 10**8"),
    call("huge list", "return [0.0] * 10**7"),
    call("cyclic list", "x = []; x.append(x); return x"),
    call("18 sys.exit", "import sys; sys.exit(0)"),
    call("19 os._exit", "import os; os._exit(0)"),
    call("20 segfault", "import ctypes; ctypes.string_at(0)"),
    call("21 self kill", "import os; os.kill(os.getpid(), 9)"),
    call("abort", "import os; os.abort()"),
    call("25 input", "return float(input('points? '))"),
    call("keyboard interrupt", "raise KeyboardInterrupt"),
    call("generator exit", "raise GeneratorExit"),
    honest("19 exit at definition", "import os; os._exit(0)"),
    honest("24 exit hooks",
           "import atexit, os; atexit.register(lambda: os._exit(9))"),
    honest("17 compiler bomb", "x = " + "(" * 5000 + ")" * 5000),
    honest("95 unicode tricks",
           "# \u202e\u2066 \nx = '\udc80'.encode('utf8','ignore')"),
    honest("10 output flood", "for i in range(10**5): print('x' * 1000)"),
    honest("12 descriptor exhaustion", """
        import os
        try:
            while True: os.dup(0)
        except OSError:
            os.closerange(10, 200)
        """),
    honest("9 thread bomb", """
        import threading, time
        try:
            for _ in range(5000):
                threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
        except (RuntimeError, MemoryError):
            pass
        """),
    honest("stopped itself", "import os, signal; os.kill(os.getpid(), signal.SIGSTOP)",
            slow=True),
    honest("11 disk fill", """
        try:
            for n in range(10**4):
                with open(f"big{n}", "wb") as file:
                    for _ in range(200): file.write(bytes(10**6))
        except OSError:
            pass
        """),
    honest("many small files",
            "for n in range(10**5): open(f'small{n}', 'w').write('x')"),
    honest("deep folders", """
        import os
        for n in range(3000):
            os.mkdir("d"); os.chdir("d")
        """),
    honest("sparse file", """
        try:
            open("sparse", "wb").truncate(10**12)
        except OSError:
            pass
        """),
)  # fmt: skip
